"""Asks every check at once; none may hold up or hide another."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import psycopg
import structlog
from psycopg import errors
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from server.health.finding import SECONDS, Check, Finding, Ground, Text
from shared.health import Level, severity

_log = structlog.get_logger(__name__)

Answers = Sequence[Finding]

_OUTSIDE = (psycopg.Error, SQLAlchemyError, OSError)
"""Not the check's own fault, and told by what it finds; anybody may ask often."""


async def examine(ground: Ground, checks: Sequence[Check], seconds: float = SECONDS) -> list[Finding]:
    """What all checks find within `seconds`, in the order of the table.

    A check that raises, or that is not done in time, is unknown with its cause, and so is one that finds nothing at
    all. One that does not even let itself be cancelled is left behind.
    """
    tasks = {check.name: asyncio.create_task(_asked(check, ground), name=f"check {check.name}") for check in checks}
    if tasks:
        _, late = await asyncio.wait(tasks.values(), timeout=seconds)
        for task in late:
            task.cancel()
    found: list[Finding] = []
    for check in checks:
        task = tasks[check.name]
        found += task.result() if task.done() and not task.cancelled() else [check.unknown(_late(seconds))]
    return found


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    """The worst first, and what has been so for longest among equals; otherwise in their order."""
    return sorted(
        findings, key=lambda one: (-severity(one.level), one.since is None, one.since.timestamp() if one.since else 0.0)
    )


def worst_of_each(findings: Sequence[Finding]) -> dict[tuple[str, str], Finding]:
    """One finding for each name and subject, the worst that was found of it: programs know nothing but these two."""
    worst: dict[tuple[str, str], Finding] = {}
    for one in findings:
        before = worst.get((one.name, one.subject))
        if before is None or severity(one.level) > severity(before.level):
            worst[one.name, one.subject] = one
    return worst


def worst(findings: Sequence[Finding]) -> Level:
    """The level of all together; without any finding nothing is known."""
    return max((one.level for one in findings), key=severity, default=Level.UNKNOWN)


async def _asked(check: Check, ground: Ground) -> Answers:
    try:
        found = await check.read(ground, check)
    except _OUTSIDE as error:
        return [check.unknown(cause_of(error))]
    except Exception as error:
        _log.exception("check failed", check=check.name)
        return [check.unknown(cause_of(error))]
    return found or [check.unknown(Text("it found nothing to look at", "ไม่พบสิ่งที่จะตรวจ"))]


def _late(seconds: float) -> Text:
    return Text(f"it took longer than {seconds:g} s", f"ใช้เวลาเกิน {seconds:g} วินาที")


def cause_of(error: BaseException) -> Text:
    """Why a check could not say, without a row, a password or a path in it."""
    original = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(original, errors.LockNotAvailable):
        return Text("something holds a lock that it needs", "มีสิ่งอื่นล็อกข้อมูลที่ต้องอ่าน")
    if isinstance(original, errors.QueryCanceled):
        return Text("the database did not answer in time", "ฐานข้อมูลตอบไม่ทันเวลา")
    if isinstance(original, errors.InsufficientPrivilege):
        return Text("the database does not let this process look", "ฐานข้อมูลไม่ให้โปรเซสนี้ดู")
    if isinstance(original, errors.UndefinedTable | errors.UndefinedFunction | errors.UndefinedColumn):
        return Text("the schema is not of this version", "สคีมาไม่ใช่รุ่นนี้")
    if isinstance(original, PoolTimeoutError | psycopg.OperationalError | psycopg.InterfaceError | SQLAlchemyError):
        return Text("the database is not reached", "ติดต่อฐานข้อมูลไม่ได้")
    if isinstance(original, OSError):
        return Text(
            f"{original.strerror or type(original).__name__}", f"{original.strerror or type(original).__name__}"
        )
    return Text(f"of a fault of the check itself ({type(error).__name__})", f"ตัวตรวจผิดพลาดเอง ({type(error).__name__})")
