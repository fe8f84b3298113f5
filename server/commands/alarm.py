"""`sheaf alarm` and `sheaf heartbeat`: try whether people would be told, and watch who watches."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from server.commands.common import OUT, Config, administer, fail, say, settings_of, show

if TYPE_CHECKING:
    from server.alarms.message import Message
    from server.alarms.ways import Way
    from server.context import Actor
    from server.database.transaction import Row, Transaction

alarm = typer.Typer(help="Alarms by mail and by a command.", no_args_is_help=True)


@alarm.command("test")
def try_it(config: Config = None) -> None:
    """Send a test in every way that [alarm] sets up; exit 1 when one is not taken. The database is not needed."""
    from server.alarms.message import Message
    from server.alarms.sender import installation_of
    from server.alarms.ways import ways_of
    from server.environment import foreign_environment

    settings = settings_of(config)
    ways = ways_of(settings.alarm, foreign_environment())
    if not ways:
        fail("No way is set up: [alarm] needs mail_host and mail_to, or a command.")
    message = Message(installation=installation_of(settings.alarm), at=datetime.now(UTC), tellings=(), is_test=True)
    with OUT.status("Sending"):
        answers = asyncio.run(_sent(ways, message))
    show(("way", "how it went"), ((way.name, answer or "taken") for way, answer in zip(ways, answers, strict=True)))
    if any(answers):
        fail("Not every way works.")


@alarm.command("list")
def list_(config: Config = None) -> None:
    """What was told and is not over, by each way, with its number."""

    async def work(tx: Transaction, _actor: Actor) -> list[Row]:
        return await tx.rows(
            """
            select way, id, level, name, subject, began_at, told_at, count, says_en from sheaf.alarm
            where ended_at is null order by began_at, name, subject, way
            """
        )

    rows = administer(settings_of(config), work)
    if not rows:
        say("Nothing is unwell that anybody would be told of.")
        return
    heads = ("way", "id", "level", "what", "since", "told", "times", "says")
    show(heads, (_line(row) for row in rows))


def heartbeat(
    config: Config = None,
    within: Annotated[int, typer.Option(help="Seconds that the last look may be ago.", min=1)] = 120,
) -> None:
    """For who watches from outside, such as cron on another machine: exit 0 when a worker of this machine has lately
    looked whether an alarm must go out, 1 when none has. Needs no database."""
    import msgspec

    from server.alarms.sender import HEARTBEAT, Heartbeat

    file = settings_of(config).data_dir / HEARTBEAT
    try:
        beat = msgspec.json.decode(file.read_bytes(), type=Heartbeat)
    except FileNotFoundError:
        fail("No worker has ever looked on this machine: start sheaf worker payments or sheaf worker statements.")
    except (OSError, msgspec.MsgspecError) as error:
        fail(f"{file} can't be read ({type(error).__name__}): nobody knows whether alarms are looked after.")
    age = datetime.now(UTC) - beat.at
    if abs(age) > timedelta(seconds=within):
        fail(
            f"No worker has looked since {beat.at:%Y-%m-%d %H:%M:%S} UTC ({beat.process}): nobody would be told of "
            "anything. Start sheaf worker payments or sheaf worker statements; sheaf doctor says more."
        )
    reached = "" if beat.database else "; it does not reach the database"
    say(f"{beat.process} looked {int(age.total_seconds())} s ago{reached}.")


async def _sent(ways: list[Way], message: Message) -> list[str | None]:
    return await asyncio.gather(*(way.send(message) for way in ways))


def _line(row: Row) -> tuple[str, ...]:
    times = [f"{row[name]:%Y-%m-%d %H:%M} UTC" if row[name] else "not yet" for name in ("began_at", "told_at")]
    about = f"{row['name']} {row['subject']}".strip()
    return (row["way"], row["id"], row["level"], about, *times, str(row["count"]), row["says_en"])
