"""Wrong variants of what happens after a restore."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from server.restore import report as reports
from server.restore import store, watch
from server.restore.report import Here, Report

Patch = tuple[Any, str, Any]


def goes_on_at_once() -> list[Patch]:
    """Whatever is known outside of the database, it is paid from."""

    async def always(*_: Any) -> bool:
        return True

    async def nobody(*_: Any) -> int:
        return 0

    honest = store.step

    async def step(tx: Any, file_id: Any, position: int, now: Any) -> int | None:
        return await honest(tx, file_id, 0, now) or position

    return [
        (watch, "found", lambda *_: []),
        (watch, "without_file", lambda *_: None),
        (store, "tell", nobody),
        (store, "holds", always),
        (store, "step", step),
    ]


def hides_what_nobody_knows() -> list[Patch]:
    """A report leaves out the payments that the database has never heard of."""
    honest = reports.compare

    async def compare(*args: Any) -> Report:
        report = await honest(*args)
        return structs.replace(report, items=[one for one in report.items if one.here is not Here.ABSENT])

    return [(reports, "compare", compare)]
