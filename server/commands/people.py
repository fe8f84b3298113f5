"""`sheaf user`, `sheaf branch` and `sheaf device`: what an administrator does at the server itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from server.commands.common import ACTOR, Config, accepted, administer, fail, say, settings_of, show, show_secrets
from shared.refusals import RefusalCode, Refused

if TYPE_CHECKING:
    from server.context import Actor
    from server.database.transaction import Transaction
    from server.identity.standing import Standing
    from shared.wire.auth import CreateEnrolmentCodeReply, DeviceList, DeviceView, NewSecretReply, UserList

user = typer.Typer(help="People: make, list, shut out, move, give new secrets.", no_args_is_help=True)
branch = typer.Typer(help="Branches.", no_args_is_help=True)
device = typer.Typer(help="Desks: enrol, let in, shut out.", no_args_is_help=True)

_ON_BEHALF = "The administrator on whose behalf this is done; needed when there are several."
Behalf = Annotated[str | None, typer.Option("--as", help=_ON_BEHALF)]


@user.command("create")
def create_user(
    username: Annotated[str, typer.Argument(help="To sign in with, such as cashier.nsn.")],
    name: Annotated[str, typer.Option(help="Full name.")],
    branch: Annotated[str, typer.Option(help="Code of the branch; HQ for head office.")],
    role: Annotated[list[str], typer.Option(help="cashier, manager, treasurer, auditor or administrator; repeatable.")],
    config: Config = None,
) -> None:
    """Make a user; the password and the second factor's secret are shown once."""

    async def make(tx: Transaction, actor: Actor) -> NewSecretReply | Refused:
        from server.context import system_clock
        from server.identity import users
        from shared.wire.auth import CreateUserRequest

        request = CreateUserRequest(username=username, name=name, branch=branch, roles=role)
        return await users.create_user(tx, actor, request, system_clock())

    show_secrets(accepted(administer(settings_of(config), make)))


@user.command("reset-password")
def reset_password(username: Annotated[str, typer.Argument(help="Whose.")], config: Config = None) -> None:
    """Give a user a new password and second factor, open their locks and end all their sessions."""

    async def reset(tx: Transaction, actor: Actor) -> NewSecretReply | Refused:
        from server.context import system_clock
        from server.identity import store, users
        from shared.wire.auth import ResetPasswordRequest

        found = await store.user_by_name(tx, username.lower())
        if found is None:
            return Refused(RefusalCode.NOT_FOUND)
        return await users.reset_password(tx, actor, ResetPasswordRequest(id=found["id"]), system_clock())

    show_secrets(accepted(administer(settings_of(config), reset)))


@user.command("disable")
def disable_user(username: Annotated[str, typer.Argument(help="Whom.")], config: Config = None) -> None:
    """Shut a person out within a second: their sessions end, and what they signed and nobody has used yet is void."""
    _change(username, config, enabled=False)


@user.command("enable")
def enable_user(username: Annotated[str, typer.Argument(help="Whom.")], config: Config = None) -> None:
    """Let a person in again; what was void stays void."""
    _change(username, config, enabled=True)


@user.command("roles")
def change_roles(
    username: Annotated[str, typer.Argument(help="Whose.")],
    role: Annotated[list[str], typer.Option(help="All that they have from now on; repeatable.")],
    config: Config = None,
) -> None:
    """Give and take roles; who changes signs in again, and what was signed in a role that is gone is void."""
    _change(username, config, roles=tuple(role))


@user.command("move")
def move_user(
    username: Annotated[str, typer.Argument(help="Whom.")],
    branch: Annotated[str, typer.Option(help="Code of the branch where they work from now on; HQ for head office.")],
    role: Annotated[list[str] | None, typer.Option(help="All roles that they have there; else the same.")] = None,
    config: Config = None,
) -> None:
    """Move a person to another branch; what they signed for the old one and nobody has used yet is void."""
    _change(username, config, branch=branch, roles=tuple(role) if role else None)


def _change(username: str, config: Config, **what: Any) -> None:
    async def change(tx: Transaction, actor: Actor) -> Standing | Refused:
        from server.context import system_clock
        from server.identity import standing, store

        found = await store.user_by_name(tx, username.lower())
        if found is None:
            return Refused(RefusalCode.NOT_FOUND)
        return await standing.change_user(tx, actor, standing.UserChange(id=found["id"], **what), system_clock())

    after = accepted(administer(settings_of(config), change))
    say(f"{username.lower()} is {'enabled' if after.enabled else 'disabled'}: {', '.join(sorted(after.roles))}.")


@user.command("list")
def list_users(config: Config = None) -> None:
    """All users with branch and roles."""

    async def read(tx: Transaction, actor: Actor) -> UserList:
        from server.context import system_clock
        from server.identity import users
        from shared.wire.common import Nothing

        return await users.list_users(tx, actor, Nothing(), system_clock())

    listed = administer(settings_of(config), read).users
    show(
        ("user", "name", "branch", "roles", "enabled"),
        ((one.username, one.name, one.branch, ", ".join(one.roles), "yes" if one.enabled else "no") for one in listed),
    )


@branch.command("create")
def create_branch(
    code: Annotated[str, typer.Argument(help="2 to 8 capital letters and digits.")],
    name_th: Annotated[str, typer.Option(help="Its name in Thai.")],
    name_en: Annotated[str, typer.Option(help="Its name in English.")],
    config: Config = None,
) -> None:
    """Found a branch with its ledger accounts and its audit chain."""
    from server.bootstrap import NewBranch, is_branch_code
    from server.bootstrap import create_branch as found_branch

    if not is_branch_code(code):
        fail("A branch's code is 2 to 8 capital letters and digits.", 2)

    async def make(tx: Transaction, _actor: Actor) -> int | None:
        from server.context import system_clock

        return await found_branch(tx, ACTOR, NewBranch(code, name_th, name_en), system_clock())

    if administer(settings_of(config), make) is None:
        fail(f"There is a branch {code} already.")
    say(f"Branch {code} is founded. Its people: sheaf user create; its desks: sheaf device code {code}.")


@branch.command("list")
def list_branches(config: Config = None) -> None:
    """All branches, head office first."""

    async def read(tx: Transaction, _actor: Actor) -> list[tuple[str, str, str]]:
        rows = await tx.rows("select code, name_th, name_en from sheaf.all_branches()")
        return [(row["code"], row["name_th"], row["name_en"]) for row in rows]

    show(("code", "Thai", "English"), administer(settings_of(config), read))


@device.command("code")
def device_code(
    branch: Annotated[str, typer.Argument(help="Code of the branch where the desk stands.")],
    behalf: Behalf = None,
    config: Config = None,
) -> None:
    """Make a one-time code, good for a day, with which a new desk enrols."""

    async def make(tx: Transaction, actor: Actor) -> CreateEnrolmentCodeReply | Refused:
        from server.context import system_clock
        from server.identity import devices
        from shared.wire.auth import CreateEnrolmentCodeRequest

        acting = await _administrator(tx, actor, behalf)
        request = CreateEnrolmentCodeRequest(branch=branch)
        return await devices.create_enrolment_code(tx, acting, request, system_clock())

    made = accepted(administer(settings_of(config), make))
    say(
        f"{made.code} (until {made.expires_at}). When the desk has used it: sheaf device list, sheaf device approve ID."
    )


@device.command("enrol")
def enrol_device(
    server: Annotated[str, typer.Option(help="The API's address, such as https://sheaf.example.")],
    code: Annotated[str, typer.Option(help="The one-time code from `sheaf device code`.")],
    name: Annotated[str, typer.Option(help="What people call it, such as head office's terminal.")],
    desk: Annotated[Path, typer.Option(help="New folder for its key.", file_okay=False)],
) -> None:
    """Make a desk without a window, for `sheaf call --desk`: its own key in a folder, waiting to be approved."""
    import secrets

    import msgspec

    from server.calling.caller import DESK_FILE, Caller, CallingDesk, DeskIdentity, Refusal
    from server.pki import write_secret
    from shared.wire.auth import DeviceView, EnrolDeviceRequest

    if (desk / DESK_FILE).exists():
        fail(f"There is a desk in {desk} already.")
    seed = secrets.token_bytes(32).hex()
    identity = DeskIdentity(device_id="", device_seed=seed, username="", password="")
    with Caller(server, identity) as caller:
        request = EnrolDeviceRequest(code=code, name=name, public_key=caller.public_key)
        reply = caller.call("enrol_device", request)
    if isinstance(reply, Refusal):
        fail(str(reply))
    made = msgspec.json.decode(reply, type=DeviceView)
    desk.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = CallingDesk(server, str(made.id), seed)
    write_secret(desk / DESK_FILE, msgspec.json.format(msgspec.json.encode(kept)))
    say(f"desk: {made.id}")
    say(f"fingerprint: {made.fingerprint}")
    say("It waits: compare the fingerprint with `sheaf device list`, then `sheaf device approve` and its id.")


@device.command("list")
def list_devices(config: Config = None) -> None:
    """All desks, newest first; compare the fingerprint with the one that the desk shows before approving."""

    async def read(tx: Transaction, actor: Actor) -> DeviceList:
        from server.context import system_clock
        from server.identity import devices
        from shared.wire.common import Nothing

        return await devices.list_devices(tx, actor, Nothing(), system_clock())

    listed = administer(settings_of(config), read).devices
    show(
        ("id", "name", "branch", "state", "fingerprint"),
        ((str(one.id), one.name, one.branch, one.state, one.fingerprint) for one in listed),
    )


@device.command("approve")
def approve_device(
    id: Annotated[UUID, typer.Argument(help="The desk's id, from `sheaf device list`.")],
    behalf: Behalf = None,
    config: Config = None,
) -> None:
    """Let a waiting desk in."""
    _move("approve_device", id, behalf, config)


@device.command("revoke")
def revoke_device(
    id: Annotated[UUID, typer.Argument(help="The desk's id, from `sheaf device list`.")],
    behalf: Behalf = None,
    config: Config = None,
) -> None:
    """Shut a desk out within a second, with every session on it."""
    _move("revoke_device", id, behalf, config)


def _move(verb: str, device_id: UUID, behalf: str | None, config: Config) -> None:
    async def move(tx: Transaction, actor: Actor) -> DeviceView | Refused:
        from server.context import system_clock
        from server.identity import devices
        from shared.wire.common import ById

        step = devices.approve_device if verb == "approve_device" else devices.revoke_device
        return await step(tx, await _administrator(tx, actor, behalf), ById(id=device_id), system_clock())

    moved = accepted(administer(settings_of(config), move))
    say(f"{moved.name} at {moved.branch} is {moved.state}.")


async def _administrator(tx: Transaction, actor: Actor, username: str | None) -> Actor:
    """The actor in an administrator's name: these entries must name a person."""
    from dataclasses import replace

    rows = await tx.rows(
        """
        select u.id, u.username from sheaf.app_user u join sheaf.user_role r on r.user_id = u.id
        where r.role = 'administrator' and u.enabled order by u.username
        """
    )
    known = {row["username"]: row["id"] for row in rows}
    chosen = username.lower() if username else next(iter(known), "") if len(known) == 1 else ""
    if chosen not in known:
        fail(f"Say with --as which administrator does this: {', '.join(known) or 'there is none, run sheaf init'}.")
    return replace(actor, name=chosen, user_id=known[chosen])
