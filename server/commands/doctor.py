"""`sheaf doctor`: in one screen what is wrong and what to do, also when the settings or the database are what is."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from server.commands.common import OUT, Config, say
from shared.health import Level

if TYPE_CHECKING:
    from server.health.diagnosis import Mistake, Trouble
    from server.health.finding import Finding
    from server.settings import Sections, Settings

_SECONDS: Final = 7.0
"""How long all may take together: a database that hangs is waited for once."""
_ROOM: Final = 100_000_000
"""Bytes that the folder of our files should have free."""
_COLOURS: Final = {Level.WARNS: "yellow", Level.BAD: "bold red", Level.UNKNOWN: "magenta"}


def doctor(
    config: Config = None,
    thai: Annotated[bool, typer.Option("--thai", help="Say it in Thai.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a program: a list in both languages.")] = False,
) -> None:
    """What is wrong and what to do, causes first; exit 0 when all is well or only warns, 1 otherwise."""
    from server.health.diagnosis import diagnose
    from server.settings import config_file

    mistakes, found = _examined(config_file(config))
    troubles = diagnose(mistakes, found)
    if as_json:
        import msgspec

        sys.stdout.write(msgspec.json.format(msgspec.json.encode(troubles), indent=2).decode() + "\n")
    else:
        _show(troubles, len(found), thai=thai)
    raise typer.Exit(1 if any(one.level in (Level.BAD, Level.UNKNOWN) for one in troubles) else 0)


def _examined(place: Path) -> tuple[list[Mistake], list[Finding]]:
    """What is wrong with settings and machine, and the table. Both are asked at once: each may wait for a database."""
    from server.database.away import Away
    from server.health.diagnosis import Mistake
    from server.settings_check import check_world

    sections, mistakes = _read(place)
    if sections is None:
        return mistakes, []
    settings = _as_far_as_read(sections, place)
    found: list[Finding] = []
    world: list[Mistake] = []
    ended = threading.Event()

    def look_around() -> None:
        from server.context import system_clock

        world.extend(_mistakes(check_world(sections, system_clock())))
        ended.set()

    threading.Thread(target=look_around, daemon=True).start()
    if settings is not None:
        from server.commands.status import examined

        found += examined(settings)
    if not ended.wait(_SECONDS - 3):
        world.append(Mistake("database.url", "the database does not answer", away=Away.SILENT))
    return [*mistakes, *world, *_of_the_folder(place.resolve().parent)], found


def _read(place: Path) -> tuple[Sections | None, list[Mistake]]:
    from server.health.diagnosis import Mistake
    from server.settings import OF_THE_WORKERS, load_sections

    try:
        if not place.exists():
            return None, [Mistake(str(place), "is not there: `sheaf init` makes it, --config or SHEAF_CONFIG names it")]
        sections, problems = load_sections(place, needs=OF_THE_WORKERS)
    except OSError as error:
        return None, [Mistake(str(place), f"can't be looked at: {error.strerror or type(error).__name__}")]
    return sections, _mistakes(problems)


def _mistakes(problems: Sequence[object]) -> list[Mistake]:
    from server.health.diagnosis import Mistake
    from server.settings import Problem

    return [
        Mistake(one.place, one.text, one.warning, one.away, one.missing) for one in problems if isinstance(one, Problem)
    ]


def _as_far_as_read(found: Sections, place: Path) -> Settings | None:
    """Settings for looking only: what is wrong in one section must not hide what is wrong elsewhere.

    Without the keys nothing is looked at that may be encrypted.
    """
    import msgspec

    from server.context import Policy
    from server.settings import ApiSection, Settings

    if found.database is None or found.keys is None:
        return None
    given = {name: value for name, value in msgspec.structs.asdict(found).items() if value is not None}
    return Settings(
        **{"data_dir": place.resolve().parent, "api": ApiSection(), "policy": Policy(), **given},
    )


def _of_the_folder(folder: Path) -> list[Mistake]:
    """The disk of our own files: documents, statements, what is told of the executor."""
    import os
    import shutil

    from server.health.diagnosis import Mistake

    found: list[tuple[Callable[[], bool], str]] = [
        (lambda: os.access(folder, os.W_OK), "can't be written to by this user"),
        (lambda: shutil.disk_usage(folder).free >= _ROOM, "is on a disk that is full: less than 100 MB are free"),
    ]
    return [Mistake(str(folder), text) for is_well, text in found if not is_well()]


def _show(troubles: Sequence[Trouble], looked: int, *, thai: bool) -> None:
    from rich.markup import escape

    from shared.thai import format_datetime

    for number, one in enumerate(troubles, 1):
        says, do = (one.says.th, one.do.th) if thai else (one.says.en, one.do.en)
        colour = _COLOURS[one.level]
        head = f"{number}. [{colour}]{one.level.value}[/] {escape(one.what)}: {escape(says)}"
        since = "" if one.since is None else f" ({format_datetime(one.since, 'th' if thai else 'en')})"
        OUT.print(head + since, highlight=False, soft_wrap=True)
        if do:
            OUT.print(f"   -> {escape(do)} [dim]({one.who.value})[/]", highlight=False, soft_wrap=True)
    if not troubles:
        say(f"เรียบร้อยดี: ตรวจ {looked} เรื่อง" if thai else f"All is well; {looked} things were looked at.")
