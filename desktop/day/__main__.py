"""Plays a branch's day through the screens of three desks: `python -m desktop.day --demo demo.json --report DIR`."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from desktop.core.demo_file import DemoFile, read_demo_file
from desktop.day.desk import DeskProcess
from desktop.day.orders import Answer
from desktop.day.workbook import LINES, SINGLES, singles, write_batch
from shared.money import display_amount

CASHIER, MANAGER, TREASURER = "cashier.nsn", "manager.nsn", "treasurer"
REPORT_FILE: Final = "desk.json"
PARTS: Final = ("bank_change", "singles", "batch", "statement", "screens")


class StepReport(msgspec.Struct, frozen=True):
    """One step of the day as it went."""

    name: str
    ok: bool
    seconds: float
    detail: str


class DayReport(msgspec.Struct, frozen=True):
    """`desk.json`."""

    seconds: float
    steps: list[StepReport]


class Stopped(Exception):
    """A step failed, and what follows builds on it."""


class Day:
    """Three desks and the order of their work; every step is written down."""

    def __init__(self, demo: DemoFile, demo_path: Path, report: Path, only: str = "") -> None:
        self._demo, self._demo_path, self._report = demo, demo_path, report
        self._desks: dict[str, DeskProcess] = {}
        self._day = datetime.now(UTC).strftime("%d%H%M%S")
        self._only = only
        self._to_pay = self._paid_before = self._waiting = 0
        self.steps: list[StepReport] = []

    async def play(self) -> None:
        """The whole day, as far as it goes."""
        began = time.monotonic()
        try:
            await self._open()
            await self._steps()
        except Stopped:
            pass
        finally:
            await asyncio.gather(*(desk.close() for desk in self._desks.values()))
            done = DayReport(round(time.monotonic() - began, 3), self.steps)
            (self._report / REPORT_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(done)))

    async def _open(self) -> None:
        users = (CASHIER, MANAGER, TREASURER)
        desks = await asyncio.gather(*(DeskProcess.open(self._demo_path, user, self._report) for user in users))
        self._desks = dict(zip(users, desks, strict=True))
        await _together(*(self._do(f"sign_in {user}", user, "sign_in") for user in users))

    async def _steps(self) -> None:
        found = await self._do("find_and_validate_members", CASHIER, "find_members", validate=5)
        payees: list[dict[str, str]] = found.result["members"]
        changed = payees.pop(int(self._day) % len(payees))  # another one each time: a case may be open for the last
        waiting = await self._do("count_waiting", MANAGER, "count_waiting")
        self._waiting = waiting.result["waiting"]
        self._paid_before = found.result["paid"] + self._waiting
        if self._wanted("bank_change"):
            account = self._new_account(changed)
            await self._note("bank_opens_account", lambda: self._open_at_bank(account))
            await self._do("request_bank_change", CASHIER, "change_account", **account)
        await _together(self._approve_change(), self._pay_singles(payees))
        await _together(self._sign_singles(), self._import_batch(payees[SINGLES:]))
        await self._sign_batch()
        await self._see_paid()
        await self._close_the_day()
        if self._wanted("screens"):
            await self._look_around()

    def _wanted(self, part: str) -> bool:
        return self._only in ("", part)

    async def _approve_change(self) -> None:
        if not self._wanted("bank_change"):
            return
        await self._do("approve_bank_change manager", MANAGER, "sign_one", kind="bank_changes")
        await self._do("approve_bank_change treasurer", TREASURER, "sign_one", kind="bank_changes")

    async def _pay_singles(self, members: list[dict[str, str]]) -> None:
        if self._wanted("singles"):
            payments = singles(members, self._day)
            await self._do("submit_singles", CASHIER, "pay_singles", payments=payments)
            self._to_pay += SINGLES

    async def _sign_singles(self) -> None:
        if self._wanted("singles"):
            await self._do("sign_singles", MANAGER, "sign_payments", count=self._waiting + SINGLES)

    async def _import_batch(self, members: list[dict[str, str]]) -> None:
        if not self._wanted("batch"):
            return
        file = self._report / "batch.xlsx"
        total = write_batch(file, members, self._day)
        given = {"file": str(file), "total": display_amount(total), "count": LINES}
        await self._do("import_batch", CASHIER, "import_batch", **given)
        self._to_pay += LINES

    async def _sign_batch(self) -> None:
        if self._wanted("batch"):
            await self._do("sign_batch manager", MANAGER, "sign_one", kind="batches")
            await self._do("sign_batch treasurer", TREASURER, "sign_one", kind="batches")

    async def _see_paid(self) -> None:
        if self._to_pay:
            await self._do(
                "watch_settled", CASHIER, "watch_settled", count=self._paid_before + self._to_pay, seconds=90
            )

    async def _close_the_day(self) -> None:
        if self._wanted("statement") or self._to_pay:
            await self._note("bank_cuts_statement", self._cut_statement)
            await self._do("fetch_statement", CASHIER, "fetch_statement")
            await self._do("see_matched", CASHIER, "see_matched", count=self._paid_before + self._to_pay)

    async def _look_around(self) -> None:
        cashier = ["dashboard", "disbursements", "payment", "sync", "settings", "liquidity", "funding"]
        await _together(
            self._do("screens cashier", CASHIER, "look_around", pages=cashier),
            self._do("screens manager", MANAGER, "look_around", pages=["dashboard", "approvals"], suffix="_manager"),
            self._do(
                "screens treasurer", TREASURER, "look_around", pages=["dashboard", "liquidity"], suffix="_treasurer"
            ),
        )

    def _new_account(self, member: dict[str, str]) -> dict[str, Any]:
        return {
            "member": member["id"],
            "bank": "004",
            "account": f"7{int(self._day) % 10**9:09d}",
            "name": member["name"],
            "reason": "สมาชิกปิดบัญชีเดิม",
            "folder": str(self._report),
        }

    async def _open_at_bank(self, account: dict[str, Any]) -> str:
        """The member opens the new account first, or the approvers would sign for one that no bank knows."""
        new = {"bankCode": account["bank"], "accountNo": account["account"], "name": account["name"]}
        return await self._tell_bank("accounts", [new])

    async def _cut_statement(self) -> str:
        return await self._tell_bank("statements", None)

    async def _tell_bank(self, what: str, body: Any) -> str:
        headers = {"Authorization": f"Bearer {self._demo.bank_control_secret}"}
        async with httpx.AsyncClient(headers=headers, timeout=30, trust_env=False) as client:
            answer = await client.post(f"{self._demo.bank_control_url}/{what}", json=body)
        return f"status {answer.status_code}" if answer.is_success else ""

    async def _do(self, name: str, user: str, step: str, /, **given: Any) -> Answer:
        answer = await self._desks[user].do(step, **given)
        self._write(name, answer)
        return answer

    async def _note(self, name: str, work: Callable[[], Awaitable[str]]) -> None:
        began = time.monotonic()
        detail = await work()
        self._write(name, Answer(ok=bool(detail), seconds=round(time.monotonic() - began, 3), detail=detail))

    def _write(self, name: str, answer: Answer) -> None:
        self.steps.append(StepReport(name, answer.ok, answer.seconds, answer.detail))
        mark = "ok  " if answer.ok else "FAIL"
        sys.stdout.write(f"{mark} {answer.seconds:7.2f} s  {name}: {answer.detail}\n")
        sys.stdout.flush()
        if not answer.ok:
            raise Stopped(name)


async def _together(*work: Coroutine[Any, Any, Any]) -> None:
    """All of it to its end, even when one part fails: a desk is never left in the middle of a step."""
    for done in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(done, BaseException):
            raise done


def main() -> int:
    """0 when every step went well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", type=Path, required=True, help="demo.json of a running demo")
    parser.add_argument("--report", type=Path, required=True, help="where desk.json and the pictures go")
    parser.add_argument("--only", choices=PARTS, default="", help="play one part of the day")
    given = parser.parse_args()
    given.report.mkdir(parents=True, exist_ok=True)
    day = Day(read_demo_file(given.demo), given.demo.resolve(), given.report.resolve(), given.only)
    asyncio.run(day.play())
    return 0 if day.steps and all(step.ok for step in day.steps) else 1


if __name__ == "__main__":
    sys.exit(main())
