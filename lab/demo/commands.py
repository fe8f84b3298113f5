"""`sheaf demo` and `sheaf demo code`: the whole of Sheaf on this machine, with made-up members."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from server.commands.call import Data, demo_folder
from server.commands.common import OUT, fail, say

app = typer.Typer(invoke_without_command=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def demo(
    context: typer.Context,
    data: Data = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw the demo's earlier state away first.")] = False,
    headless: Annotated[bool, typer.Option("--headless", help="Open no windows.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Play a branch's day through the desk's screens, write report.json here, end.")
    ] = None,
    members: Annotated[int, typer.Option(help="How many members a fresh demo has.", min=5, max=50_000)] = 5000,
    latency_ms: Annotated[int, typer.Option(help="Milliseconds that every call to the bank takes.", min=0)] = 200,
) -> None:
    """Run everything on this machine: database, sandbox bank, server, workers and the desks' windows.

    Ctrl-C stops all of it; the state stays for the next time. With --report the exit code is 0 only when every
    outcome of the day was verified against the server.
    """
    if context.invoked_subcommand is not None:
        context.obj = data
        return
    if report is not None and not headless:
        fail("--report plays the day without windows; add --headless", 2)
    from lab.demo.run import DemoOptions, run
    from lab.demo.supervisor import StartFailed
    from server.database.embedded import EmbeddedPostgresError

    options = DemoOptions(
        data_dir=demo_folder(data),
        fresh=fresh,
        members=members,
        headless=headless,
        report=report,
        latency_ms=latency_ms,
    )
    try:
        status = run(options, OUT)
    except (EmbeddedPostgresError, StartFailed) as error:
        fail(str(error))
    raise typer.Exit(status)


@app.command("code")
def code(
    context: typer.Context,
    user: Annotated[str, typer.Argument(help="A user of the demo, such as manager.nsn.")],
    data: Data = None,
) -> None:
    """Print the second-factor code that a user's telephone would show now."""
    from datetime import UTC, datetime

    from lab.demo.state import read_users
    from server.identity import second_factor

    folder = demo_folder(data or context.obj)
    try:
        users = {one.username: one for one in read_users(folder)}
    except FileNotFoundError:
        fail(f"No demo was started in {folder}; start one with `sheaf demo`, or name its folder with --data.")
    if user not in users:
        fail(f"There is no user {user}; there are {', '.join(users)}.")
    say(second_factor.code_at(users[user].totp_secret, second_factor.step_of(datetime.now(UTC))))
