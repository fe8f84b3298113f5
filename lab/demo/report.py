"""What a played day truly did, asked of the server and its database and never of the desk: `report.json`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx
import msgspec
from prometheus_client.parser import text_string_to_metric_families

from lab.demo.state import Demo
from server.audit.verification import verify
from server.bootstrap import see_everything
from server.calling.caller import Caller, DeskIdentity, Refusal
from server.database.transaction import Database, Transaction
from server.ledger.check import check
from shared.wire.common import ById
from shared.wire.members import ListMembersRequest, MemberList

DESK_FILE: Final = "desk.json"
REPORT_FILE: Final = "report.json"
LEAST_PAYMENTS: Final = 240
SINGLE_P95_SECONDS: Final = 3.0
BATCH_P95_SECONDS: Final = 6.0
_VALIDATIONS: Final = 400
_ASKED_BY: Final = "cashier.nsn"


class Step(msgspec.Struct, frozen=True):
    """One step of the day as the desk's processes saw it."""

    name: str
    ok: bool
    seconds: float


class DeskStep(Step, frozen=True):
    """The same with what the desk says about it."""

    detail: str = ""


class DeskReport(msgspec.Struct, frozen=True):
    """What `desktop.day` leaves in `desk.json`; other fields are its own."""

    steps: list[DeskStep]


class Payments(msgspec.Struct, frozen=True, kw_only=True):
    """Intents made since the day began, by the states that they have reached at any time."""

    submitted: int
    settled: int
    reconciled: int
    in_doubt: int
    failed: int


class Spread(msgspec.Struct, frozen=True):
    """Median and 95th percentile, in seconds."""

    p50: float
    p95: float


class ApproveToSettled(Spread, frozen=True, kw_only=True):
    """From the last sign-off to the bank's word, for payments signed off one by one; `batch` per line of batches."""

    batch: Spread


class ValidateMs(msgspec.Struct, frozen=True):
    """How long the server took to validate a member, in milliseconds, by its own histogram."""

    p50: float
    p99: float


class Ledger(msgspec.Struct, frozen=True):
    """Whether every balance is as the entries say, and what is still in transit (satang)."""

    balanced: bool
    transit_satang: int


class Audit(msgspec.Struct, frozen=True):
    """Whether every chain could be recomputed, and how long they are."""

    verified: bool
    entries: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`report.json`; `problems` says in words why `ok` is false."""

    ok: bool
    problems: list[str]
    steps: list[Step]
    payments: Payments
    approve_to_settled_seconds: ApproveToSettled
    validate_ms: ValidateMs
    ledger: Ledger
    audit: Audit

    def summary(self) -> str:
        """A few lines for the terminal."""
        pays, speed = self.payments, self.approve_to_settled_seconds
        lines = [
            f"Payments: {pays.submitted} submitted, {pays.settled} settled, {pays.reconciled} reconciled, "
            f"{pays.in_doubt} in doubt, {pays.failed} failed.",
            f"Approved to settled: p50 {speed.p50:.2f} s, p95 {speed.p95:.2f} s, in batches {speed.batch.p95:.2f} s.",
            f"Validation on the server: p50 {self.validate_ms.p50:.1f} ms, p99 {self.validate_ms.p99:.1f} ms.",
            f"Ledger {'balances' if self.ledger.balanced else 'DOES NOT BALANCE'}, {self.ledger.transit_satang} satang "
            f"in transit. Audit {'verified' if self.audit.verified else 'BROKEN'}, {self.audit.entries} entries.",
        ]
        went = [f"{'ok  ' if step.ok else 'FAIL'} {step.seconds:7.2f} s  {step.name}" for step in self.steps]
        return "\n".join([*went, *lines, *(f"Not right: {problem}" for problem in self.problems)])


def empty_report(directory: Path) -> Path:
    """Make the directory and take away what an earlier day left; where the desk's own report will be."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in (DESK_FILE, REPORT_FILE):
        (directory / name).unlink(missing_ok=True)
    return directory / DESK_FILE


async def make_report(database: Database, demo: Demo, directory: Path, since: datetime) -> Report:
    """Ask the database about everything made since `since`, measure validation, judge, and write the file."""
    steps = _steps(directory / DESK_FILE)
    async with database.transaction(()) as tx:
        await see_everything(tx, "report")
        payments = await _payments(tx, since)
        speed = await _approve_to_settled(tx, since)
        ledger, audit = await check(tx), await verify(tx)
    validate = await asyncio.to_thread(measure_validation, demo)
    books = Ledger(ledger.balanced, ledger.transit)
    chains = Audit(audit.first_bad is None, audit.entries)
    problems = [*_step_problems(steps), *_payment_problems(payments, speed), *_record_problems(books, chains)]
    report = Report(
        ok=not problems,
        problems=problems,
        steps=[Step(step.name, step.ok, step.seconds) for step in steps],
        payments=payments,
        approve_to_settled_seconds=speed,
        validate_ms=validate,
        ledger=books,
        audit=chains,
    )
    (directory / REPORT_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(report)))
    return report


def _steps(file: Path) -> list[DeskStep]:
    if not file.exists():
        return []
    return msgspec.json.decode(file.read_bytes(), type=DeskReport).steps


def _step_problems(steps: Sequence[DeskStep]) -> list[str]:
    if not steps:
        return ["the desk left no report of its steps"]
    return [f"step {step.name} failed: {step.detail}" for step in steps if not step.ok]


def _payment_problems(payments: Payments, speed: ApproveToSettled) -> list[str]:
    problems = []
    if not payments.submitted == payments.settled == payments.reconciled:
        problems.append("not every payment was settled and reconciled")
    if payments.submitted < LEAST_PAYMENTS:
        problems.append(f"fewer than {LEAST_PAYMENTS} payments")
    if payments.in_doubt or payments.failed:
        problems.append("payments in doubt or failed")
    if speed.p95 > SINGLE_P95_SECONDS:
        problems.append(f"p95 from approval to settlement is above {SINGLE_P95_SECONDS:g} s")
    if speed.batch.p95 > BATCH_P95_SECONDS:
        problems.append(f"p95 from approval to settlement in batches is above {BATCH_P95_SECONDS:g} s")
    return problems


def _record_problems(ledger: Ledger, audit: Audit) -> list[str]:
    problems = []
    if not ledger.balanced:
        problems.append("the ledger does not balance")
    if ledger.transit_satang:
        problems.append("money is in transit that no statement has shown")
    if not audit.verified:
        problems.append("an audit chain is broken")
    return problems


async def _payments(tx: Transaction, since: datetime) -> Payments:
    row = await tx.one(
        """
        with reached as (
          select distinct e.intent_id, e.state from sheaf.intent i join sheaf.intent_event e on e.intent_id = i.id
          where i.created_at >= %(since)s)
        select count(*) filter (where state = 'validated') submitted, count(*) filter (where state = 'settled') settled,
               count(*) filter (where state = 'reconciled') reconciled,
               count(*) filter (where state = 'in_doubt') in_doubt, count(*) filter (where state = 'failed') failed
        from reached
        """,
        since=since,
    )
    return Payments(**row)


async def _approve_to_settled(tx: Transaction, since: datetime) -> ApproveToSettled:
    rows = await tx.rows(
        """
        select i.batch_id is not null as in_batch,
               (extract(epoch from min(e.at) filter (where e.state = 'settled')
                                 - min(e.at) filter (where e.state = 'authorized')) * 1000)::bigint as milliseconds
        from sheaf.intent i join sheaf.intent_event e on e.intent_id = i.id
        where i.created_at >= %(since)s group by i.id
        """,
        since=since,
    )
    took = [(row["in_batch"], row["milliseconds"] / 1000) for row in rows if row["milliseconds"] is not None]
    single, batch = ([seconds for inside, seconds in took if inside is kind] for kind in (False, True))
    return ApproveToSettled(
        percentile(single, 50), percentile(single, 95), batch=Spread(percentile(batch, 50), percentile(batch, 95))
    )


def percentile(values: Sequence[float], percent: int) -> float:
    """The nearest-rank percentile; 0 of nothing."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else 0.0


def measure_validation(demo: Demo) -> ValidateMs:
    """Validate members over HTTP and read the quantiles from the same worker's histogram."""
    user = demo.user(_ASKED_BY)
    if user is None:
        raise LookupError(f"the demo has no user {_ASKED_BY}")
    identity = DeskIdentity(
        device_id=str(user.device_id), device_seed=user.device_seed, username=user.username, password=user.password
    )
    with Caller(demo.url, identity) as caller:
        listed = caller.call("list_members", ListMembersRequest(limit=500))
        if isinstance(listed, Refusal):
            raise RuntimeError(f"members can't be listed: {listed}")
        members = msgspec.json.decode(listed, type=MemberList).members
        before = _histogram(caller.http)
        for number in range(_VALIDATIONS):
            answer = caller.call("validate_member", ById(id=members[number % len(members)].id))
            if isinstance(answer, Refusal):
                raise RuntimeError(f"a member can't be validated: {answer}")
        after = _histogram(caller.http)
    counts = [(edge, after[edge] - before.get(edge, 0.0)) for edge in sorted(after)]
    return ValidateMs(round(_quantile(counts, 0.50) * 1000, 2), round(_quantile(counts, 0.99) * 1000, 2))


def _histogram(http: httpx.Client) -> dict[float, float]:
    """Upper edge of each bucket in seconds -> calls at or below it, for `validate_member`."""
    text = http.get("/metrics").text
    return {
        float(sample.labels["le"]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.endswith("request_seconds_bucket") and sample.labels.get("verb") == "validate_member"
    }


def _quantile(counts: Sequence[tuple[float, float]], share: float) -> float:
    """The quantile of a cumulative histogram, linear within its bucket."""
    wanted = share * counts[-1][1] if counts else 0.0
    low, below = 0.0, 0.0
    for edge, count in counts:
        if edge == float("inf"):
            break
        if count >= wanted > below:
            return low + (edge - low) * (wanted - below) / (count - below)
        low, below = edge, count
    return low
