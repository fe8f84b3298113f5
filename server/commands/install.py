"""`sheaf init`, `migrate`, `import members` and `config check`: setting up an installation and keeping it right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from server.commands.common import (
    ACTOR,
    OUT,
    Config,
    accepted,
    administer,
    counted,
    end_with_problems,
    end_with_refused_keys,
    fail,
    say,
    settings_of,
    show,
    show_secrets,
)
from shared.refusals import Refused

if TYPE_CHECKING:
    from server.context import Actor
    from server.database.transaction import Transaction
    from server.members.register import ImportReport
    from server.settings import Settings
    from shared.wire.auth import NewSecretReply

import_app = typer.Typer(help="Take over data from elsewhere.", no_args_is_help=True)
config_app = typer.Typer(help="The settings.", no_args_is_help=True)


def init(
    database_url: Annotated[
        str,
        typer.Option(
            prompt="URL of the database, postgresql://user:password@host/database",
            envvar="SHEAF_DATABASE_URL",
            help="The database administrator's URL.",
        ),
    ],
    branch: Annotated[str, typer.Option(prompt="Code of the first branch", help="2 to 8 capital letters and digits.")],
    branch_name_th: Annotated[str, typer.Option(prompt="Its name in Thai", help="The branch's name in Thai.")],
    branch_name_en: Annotated[str, typer.Option(prompt="Its name in English", help="The branch's name in English.")],
    admin: Annotated[str, typer.Option(prompt="User name of the first administrator", help="To sign in with.")],
    admin_name: Annotated[str, typer.Option(prompt="Their full name", help="The administrator's full name.")],
    config: Config = None,
) -> None:
    """Set up an installation: own keys, settings file, schema, head office, first branch, first administrator.

    Keys and settings that are there already are kept, and an init that was cut off may be run again; a database that
    has a company is refused, and nothing is touched. The administrator's secrets are shown once.
    """
    from server.bootstrap import is_branch_code
    from server.installation import prepare_folder
    from server.settings import config_file

    if not is_branch_code(branch):
        fail("A branch's code is 2 to 8 capital letters and digits.", 2)
    file = config_file(config)
    others = _refuse_a_living_database(database_url, admin)
    prepare_folder(file, database_url, own_names=others)
    settings = settings_of(file)
    _upgrade(settings)

    async def found(tx: Transaction, _actor: Actor) -> NewSecretReply | Refused:
        from server.bootstrap import HEAD_OFFICE_BRANCH, NewBranch, create_branch, found_company, see_everything
        from server.context import system_clock
        from server.identity import users
        from shared.wire.auth import CreateUserRequest

        now = system_clock()
        await found_company(tx, ACTOR, now)
        await create_branch(tx, ACTOR, NewBranch(branch, branch_name_th, branch_name_en), now)
        request = CreateUserRequest(
            username=admin, name=admin_name, branch=HEAD_OFFICE_BRANCH.code, roles=["administrator"]
        )
        return await users.create_user(tx, await see_everything(tx, ACTOR), request, now)

    show_secrets(accepted(administer(settings, found)))
    say(f"The settings are in {file}. Keep a copy of keys.json beside it: without it no account number can be read.")
    say("Next: sheaf config check, sheaf serve, and sheaf device code HQ for the administrator's desk.")


def migrate(
    only_roles: Annotated[
        bool, typer.Option("--only-roles", help="Make the roles and an empty schema, for pg_restore to fill.")
    ] = False,
    new_role_secret: Annotated[
        bool, typer.Option("--new-role-secret", help="The role secret was changed on purpose: give the roles new ones.")
    ] = False,
    config: Config = None,
) -> None:
    """Bring the database to the present schema and give its roles their passwords; safe to run again.

    Refused with 78, and nothing is changed, when the keys are not those with which the database was written.
    """
    settings = settings_of(config)
    if only_roles:
        from server.database.migrations import prepare

        prepare(settings.database.url, settings.keys.role_secret)
        say("The roles are there. Next: pg_restore --schema=sheaf, then sheaf migrate.")
        return
    _upgrade(settings, new_role_secret=new_role_secret)
    from server.database.migrations import newest_version

    say(f"The schema is at version {newest_version()}.")


@import_app.command("members")
def import_members(
    file: Annotated[Path, typer.Argument(help="CSV or .xlsx with a heading row.", exists=True, dir_okay=False)],
    branch: Annotated[str, typer.Option(help="Code of the branch they belong to.")],
    one_sheet: Annotated[bool, typer.Option("--one-sheet", help="Leave other sheets with rows unread.")] = False,
    unusual_ids: Annotated[bool, typer.Option("--unusual-ids", help="Accept ids that begin with 0 or 9.")] = False,
    config: Config = None,
) -> None:
    """Take over a branch's register of members: all rows or none, every problem named with its row.

    Headings, in any order: code, name, national_id, phone, bank, account_number, account_name.
    """
    from server.members.register_file import ImportProblem, read_members

    settings = settings_of(config)
    rows = read_members(file.read_bytes(), one_sheet=one_sheet)
    if isinstance(rows, ImportProblem):
        show(("row", "column", "problem"), ((str(each.row), each.column, each.problem) for each in (rows, *rows.more)))
        fail(f"{file.name}: nothing was imported: {rows.problem} {rows.column}".rstrip())

    async def store(tx: Transaction, actor: Actor) -> ImportReport:
        from server.context import system_clock
        from server.members.register import import_members

        return await import_members(
            tx,
            actor,
            branch,
            rows,
            system_clock(),
            production=settings.policy.production_accounts,
            unusual_ids=unusual_ids,
        )

    with OUT.status(f"Importing {len(rows)} members"):
        report = administer(settings, store)
    if report.problems:
        show(("row", "column", "problem"), ((str(each.row), each.column, each.problem) for each in report.problems))
        fail(f"Nothing was imported: {counted(len(report.problems), 'problem')}.")
    say(f"{report.inserted} members imported, {report.unchanged} were there already.")


@config_app.command("where")
def where(config: Config = None) -> None:
    """Print where the settings file is."""
    from server.settings import config_file

    say(str(config_file(config)))


@config_app.command("check")
def check(config: Config = None) -> None:
    """Tell every mistake of the settings at once: keys, files, certificates, database; exit 78 when there is any.

    What is right for now, such as a certificate in its last month, is a warning and no mistake.
    """
    from server.context import system_clock
    from server.settings import OF_THE_WORKERS, config_file, load_sections
    from server.settings_check import check_world

    place = config_file(config)
    found, problems = load_sections(place, needs=OF_THE_WORKERS)
    problems += check_world(found, system_clock())
    mistakes = [problem for problem in problems if not problem.warning]
    for problem in problems:
        if problem.warning:
            say(f"warning: {problem.place} {problem.text}")
    if mistakes:
        end_with_problems(mistakes, place)
    say("The settings are right.")


def _upgrade(settings: Settings, *, new_role_secret: bool = False) -> None:
    from server.database import keys
    from server.database.migrations import upgrade

    url, own = settings.database.url, (settings.keys.vault_key, settings.keys.role_secret)
    end_with_refused_keys(keys.examine(url, *own, new_role_secret=new_role_secret))
    with OUT.status("Bringing the database to the present schema"):
        upgrade(url, settings.keys.role_secret)
    keys.keep(url, *own)


def _refuse_a_living_database(url: str, admin: str) -> bool:
    """End before anything is written when the database has a company: its keys are somewhere else, or it is done.

    Else whether another installation's roles are on the server.
    """
    import psycopg

    from server.database.roles import used_elsewhere

    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            others = used_elsewhere(connection, "")
            if connection.execute("select to_regclass('sheaf.app_user')").fetchone() == (None,):
                return others
            (branches,) = connection.execute("select count(*) from sheaf.all_branches()").fetchone() or (0,)
            connection.execute("select set_config('sheaf.branches', '{0}', true)")
            there = connection.execute("select from sheaf.app_user where username = %s", (admin,)).fetchone()
    except psycopg.OperationalError as error:
        fail(f"The database can't be reached: {(str(error).strip().splitlines() or [''])[0]}")
    if branches or there is not None:
        known = f", and {admin} is one of its people" if there is not None else ""
        fail(
            f"This database has a company already, with {branches} branches{known}; nothing was changed. To work with "
            "it, put its keys.json and sheaf.toml into the data folder; to add to it: sheaf branch create, sheaf user "
            "create. A new installation needs a database of its own."
        )
    return others
