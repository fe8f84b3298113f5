"""`sheaf call`: any verb of the wire from the command line, signed as a desk of the demo or one given by flags."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from server.commands.common import fail, say, show
from server.commands.demonstration import Data, demo_folder

if TYPE_CHECKING:
    from server.demo.caller import Caller, DeskIdentity


def call(
    verb: Annotated[str, typer.Argument(help="A verb of the table, such as submit_intent; `list` shows them all.")],
    user: Annotated[str, typer.Option("--as", help="User name; with the demo that is all that is needed.")] = "",
    json: Annotated[
        str, typer.Option("--json", help="File with the request's fields, those of path and query too; - reads stdin.")
    ] = "",
    key: Annotated[str | None, typer.Option(help="Idempotency key; else a new one.")] = None,
    output: Annotated[Path | None, typer.Option(help="Write the reply here instead of printing it.")] = None,
    data: Data = None,
    server: Annotated[str, typer.Option(help="The API's address, for a server that is not the demo's.")] = "",
    device_id: Annotated[str, typer.Option(help="The desk's id there.")] = "",
    device_seed_file: Annotated[Path | None, typer.Option(help="File with the desk's Ed25519 seed in hex.")] = None,
    password_file: Annotated[Path | None, typer.Option(help="File with the user's password.")] = None,
    totp_file: Annotated[Path | None, typer.Option(help="File with the secret of their second factor.")] = None,
) -> None:
    """Call a verb: sign the request, get the operation token (with the second factor), print the reply's JSON.

    A sign-off without `digest` and `signature` gets both from what the server shows to sign. Exit code 0 when the
    server did it, 1 with the refusal's text when it did not.
    """
    from server.demo.caller import Caller, Refusal
    from shared.wire.table import BY_NAME

    if verb == "list":
        show(
            ("verb", "call", "what"), ((row.name, f"{row.method} {row.path}", row.summary) for row in BY_NAME.values())
        )
        return
    if verb not in BY_NAME:
        fail(f"There is no verb {verb}; `sheaf call list` shows them.", 2)
    fields = _fields(json)
    url, identity = (
        _by_flags(server, device_id, user, device_seed_file, password_file, totp_file)
        if server
        else _of_demo(demo_folder(data), user)
    )
    with Caller(url, identity) as caller:
        _complete(caller, verb, fields)
        try:
            request = msgspec.convert(fields, type=BY_NAME[verb].request, strict=False)
        except msgspec.ValidationError as error:
            fail(f"The request does not fit {verb}: {error}", 2)
        reply = caller.call(verb, request, idempotency_key=key)
    if isinstance(reply, Refusal):
        fail(str(reply))
    _deliver(reply, output, raw=BY_NAME[verb].raw_reply)


def _fields(json: str) -> dict[str, Any]:
    try:
        content = sys.stdin.buffer.read() if json == "-" else Path(json).read_bytes() if json else b"{}"
        return msgspec.json.decode(content, type=dict[str, Any])
    except (OSError, msgspec.MsgspecError) as error:
        fail(f"--json {json}: {error}", 2)


def _of_demo(folder: Path, username: str) -> tuple[str, DeskIdentity]:
    from server.demo.caller import DeskIdentity
    from server.demo.state import read_demo

    try:
        demo = read_demo(folder)
    except FileNotFoundError:
        fail(f"No demo was started in {folder}; start one with sheaf demo, or name a server with --server.")
    user = demo.user(username)
    if user is None:
        fail(f"Say with --as who calls: {', '.join(one.username for one in demo.users)}.", 2)
    return demo.url, DeskIdentity(
        device_id=str(user.device_id),
        device_seed=user.device_seed,
        username=user.username,
        password=user.password,
        totp_secret=user.totp_secret,
    )


def _by_flags(
    server: str, device_id: str, username: str, seed: Path | None, password: Path | None, totp: Path | None
) -> tuple[str, DeskIdentity]:
    from server.demo.caller import DeskIdentity

    if not device_id or not username or seed is None or password is None:
        fail("With --server, give --as, --device-id, --device-seed-file and --password-file too.", 2)
    return server, DeskIdentity(
        device_id=device_id,
        device_seed=_line(seed),
        username=username,
        password=_line(password),
        totp_secret=_line(totp) if totp else "",
    )


def _line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        fail(f"{file}: {error.strerror}", 2)


def _complete(caller: Caller, verb: str, fields: dict[str, Any]) -> None:
    """Give a sign-off its digest and the device's signature, where they are missing."""
    from shared.canonical import sign_off_bytes

    if verb not in ("sign_off", "sign_bank_change", "sign_funding") or fields.get("signature"):
        return
    fields["digest"] = fields.get("digest") or _digest(caller, verb, fields)
    text = sign_off_bytes(str(fields.get("decision", "")), fields["digest"], str(fields.get("reason", "")))
    fields["signature"] = caller.sign(text)


def _digest(caller: Caller, verb: str, fields: dict[str, Any]) -> str:
    """The digest of what the server shows to sign, computed again from the sheets themselves."""
    from server.demo.sheets import bank_change_digest, funding_digest, set_digest

    digests = {"sign_off": set_digest, "sign_bank_change": bank_change_digest, "sign_funding": funding_digest}
    found = digests[verb](caller, fields)
    if not isinstance(found, str):
        fail(str(found))
    return found


def _deliver(reply: bytes, output: Path | None, *, raw: bool) -> None:
    if output is not None:
        from server.pki import write_secret

        write_secret(output, reply)
    elif raw:
        sys.stdout.buffer.write(reply)
    else:
        say(msgspec.json.format(reply).decode())
