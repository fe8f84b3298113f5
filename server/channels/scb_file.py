"""Pays by SCB's upload file over SFTP: orders that arrive together become one file, whose result file says all.

Nothing is remembered here. `initiate` decides which file an order belongs to and puts that into its token, which the
caller commits; `confirm` waits until all orders of that file are confirmed, builds the same bytes again and uploads
them under the name that the token gives. So a file is never uploaded under two names, a lost upload is found by its
name, and a file of which one order is not confirmed is never uploaded at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from msgspec import structs

from server.channels.base import (
    NOT_SENT,
    Accepted,
    Confirmation,
    Initiated,
    Manifest,
    NotFound,
    OpenStatus,
    PaymentOrder,
    Pending,
    Plugin,
    Rejected,
    Standing,
    StillOpen,
    Unknown,
    is_duplicate,
    refusal,
)
from server.channels.scb_file_drop import FileDrop, Look, Place, Put
from server.channels.scb_file_format import ResultLine, Token, build, parse_token, product, value_date
from server.channels.scb_replies import ended_unpaid, told_text
from server.sftp import NoSession, SftpProblem
from shared.banks import PROMPTPAY, AccountNumber, payable_banks
from shared.evidence import Evidence
from shared.money import Satang
from shared.thai import BANGKOK

_T = TypeVar("_T")
NEVER_UPLOADED: Final = "file.never_uploaded"
FILE_REFUSED: Final = "file.refused"
_KEPT: Final = timedelta(hours=12)
"""How long a bank surely keeps in its folders what it has taken."""
_STOP: Final = frozenset({SftpProblem.HOST_KEY_CHANGED, SftpProblem.NOT_ADMITTED})

MANIFEST: Final = Manifest(
    operations=frozenset({"disbursement", "withdrawal"}),
    banks=frozenset({*payable_banks(), PROMPTPAY}),
    max_amount=Satang(2_000_000_00),
    instant=False,
    concurrency=1000,
)


class ScbFileSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the bank takes files; folders as SFTP paths, seconds may be fractions.

    `gather_seconds`: how long orders are gathered into a file, and `confirm_seconds` how long the first confirm of a
    file waits for the others. After `lapse_seconds` a file that was not uploaded never is.
    """

    host: str
    port: int
    username: str
    private_key: Path
    host_keys: tuple[str, ...]
    payer_account: str
    timeout_seconds: float = 20.0
    inbox: str = "/inbox"
    taken: str = "/inbox/done"
    results: str = "/outbox/result"
    gather_seconds: float = 0.2
    confirm_seconds: float = 10.0
    lapse_seconds: float = 900.0
    ask_seconds: float = 60.0
    most_lines: int = 1000
    opens: time | None = None
    closes: time | None = None

    def __repr__(self) -> str:
        return f"ScbFileSettings({self.host}:{self.port})"


class _Opening:
    """Orders that are gathered into a file; `tokens` comes when it is sealed."""

    def __init__(self) -> None:
        self.orders: dict[str, PaymentOrder] = {}
        self.tokens: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()


class _Gathering:
    """Confirmed orders of a file; `upload` stands from when the last one came."""

    def __init__(self) -> None:
        self.orders: dict[str, PaymentOrder] = {}
        self.full = asyncio.Event()
        self.upload: asyncio.Task[Confirmation] | None = None


class ScbFileChannel:
    """The Channel over the bank's file drop; make it inside the event loop that uses it."""

    name = "scb_file"

    def __init__(self, settings: ScbFileSettings) -> None:
        self._settings = settings
        hours = None if settings.opens is None or settings.closes is None else (settings.opens, settings.closes)
        self.manifest = structs.replace(MANIFEST, concurrency=settings.most_lines, hours=hours)
        self.payer_account = AccountNumber(settings.payer_account)
        self._drop = FileDrop(settings)
        self._openings: dict[tuple[str, date], _Opening] = {}
        self._gatherings: dict[str, _Gathering] = {}
        self._looks: dict[str, asyncio.Task[Look | None]] = {}
        self._results: asyncio.Task[dict[str, list[ResultLine]] | None] | None = None
        """One reading of all results for all orders that ask at the same time."""
        self._tasks: set[asyncio.Task[Any]] = set()

    async def initiate(self, order: PaymentOrder, now: datetime) -> Initiated | Rejected:
        """Find the order its file. Nothing leaves."""
        if not MANIFEST.takes("disbursement", order.payee_bank_code, order.amount) or order.currency != "THB":
            return refusal("order", "no order for a file: bank, amount or currency")
        if not self.manifest.is_open(now.astimezone(BANGKOK).time()):
            return refusal("184", "outside the hours for files")
        key = (product(order), value_date(now))
        opening = self._openings.get(key)
        if opening is None:
            opening = self._openings[key] = _Opening()
            self._begin(self._seal_later(key, opening))
        opening.orders[order.bank_ref] = order
        if len(opening.orders) >= self._settings.most_lines:
            self._seal(key, opening)
        try:
            tokens = await asyncio.shield(opening.tokens)
        except asyncio.CancelledError:
            opening.orders.pop(order.bank_ref, None)
            raise
        return Initiated(tokens[order.bank_ref], None, Satang(0))

    async def confirm(self, order: PaymentOrder, token: str, now: datetime) -> Confirmation:
        """Upload the order's file as soon as all its orders are confirmed."""
        place = parse_token(token)
        if place is None:
            return Unknown(Evidence.FOREIGN_TOKEN)
        if now - order.created_at > timedelta(seconds=self._settings.lapse_seconds) or not order.payee_account_number:
            return _not_sent("the order's time to be uploaded is over")
        gathering = self._gatherings.setdefault(place.batch_ref, _Gathering())
        gathering.orders[order.bank_ref] = order
        if len(gathering.orders) == place.count:
            self._gatherings.pop(place.batch_ref)
            gathering.upload = self._begin(self._upload(place, list(gathering.orders.values()), now))
            gathering.full.set()
        if not await self._all_are_there(gathering, order, place):
            return await self._alone(place, now)
        assert gathering.upload is not None
        return await asyncio.shield(gathering.upload)

    async def inquire(self, order: PaymentOrder, token: str, now: datetime) -> Standing:
        """What the result file says; without one, whether the upload is at the bank.

        That it is not there is proof for some hours only: later the bank may have cleared its folders, and `NotFound`
        leaves the word to the statement.
        """
        place = parse_token(token)
        if place is None:
            return NotFound()
        look = await self._look(place.batch_ref)
        if look is None or look.place is Place.UNKNOWN:
            return Unknown(Evidence.DROP_SILENT)
        if look.contradiction:
            return Unknown(Evidence.RESULTS_DISAGREE)
        if order.taken and look.place is Place.GIVEN_UP:
            return Unknown(Evidence.FILE_EMPTIED)
        if look.result is not None:
            return _ended(look, order) or await self._had_before(order)
        if look.place is Place.THERE:
            return Pending(now + timedelta(seconds=self._settings.ask_seconds))
        if order.taken:
            return Unknown(Evidence.FILE_GONE)
        return await self._without_file(order, place, look, now)

    async def _without_file(self, order: PaymentOrder, place: Token, look: Look, now: datetime) -> Standing:
        if look.place is Place.ABSENT and now - order.created_at > _KEPT:
            return NotFound()
        if look.place is Place.ABSENT and now - order.created_at <= timedelta(seconds=self._settings.lapse_seconds):
            return StillOpen(OpenStatus.AWAITING_CONFIRM)
        return await self._given_up(place, look)

    async def _had_before(self, order: PaymentOrder) -> Standing:
        """The bank had the line's reference already: what another file's result says of it, and else the statement.

        A bank takes a reference once, so there is one answer besides those that say "had already".
        """
        if self._results is None:
            self._results = asyncio.create_task(self._remote(self._drop.all_results))
            self._results.add_done_callback(self._results_read)
        told = await asyncio.shield(self._results) or {}
        for line in sorted(told.get(order.bank_ref, []), key=lambda line: not line.paid):
            if not is_duplicate(line.code):
                return _told(line, order, None)
        return Unknown(Evidence.RESULT_MISSING)

    def _results_read(self, _task: object) -> None:
        self._results = None

    async def find(self, order: PaymentOrder, now: datetime) -> Unknown:
        """Files are asked about by their names."""
        return Unknown(Evidence.NOT_ASKED)

    async def verify(self, bank_code: str, account_number: AccountNumber, now: datetime) -> Unknown:
        """Files tell no names."""
        return Unknown(Evidence.NOT_ASKED)

    async def probe(self, now: datetime) -> Unknown | None:
        """Open a session and look whether the folders are there; nothing is written."""
        try:
            return None if await asyncio.to_thread(self._drop.is_there) else Unknown(Evidence.DROP_MISSING)
        except NoSession as error:
            return Unknown(Evidence.NO_ANSWER, error.code.value)

    async def close(self) -> None:
        """Finish the uploads under way; sessions end with what they were opened for."""
        await asyncio.gather(*self._tasks, *self._looks.values(), return_exceptions=True)

    async def _seal_later(self, key: tuple[str, date], opening: _Opening) -> None:
        await asyncio.sleep(self._settings.gather_seconds)
        self._seal(key, opening)

    def _seal(self, key: tuple[str, date], opening: _Opening) -> None:
        if opening.tokens.done():
            return
        self._openings.pop(key)
        orders = list(opening.orders.values())
        opening.tokens.set_result(build(orders, self._settings.payer_account, key[1]).tokens if orders else {})

    def _begin(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _all_are_there(self, gathering: _Gathering, order: PaymentOrder, place: Token) -> bool:
        """Wait for the other orders. Who gives up takes its order along, so that the file can't be full without it."""
        try:
            async with asyncio.timeout(self._settings.confirm_seconds):
                await gathering.full.wait()
        except TimeoutError:
            pass
        finally:
            if not gathering.full.is_set():
                gathering.orders.pop(order.bank_ref, None)
                if not gathering.orders:
                    self._gatherings.pop(place.batch_ref, None)
        return gathering.full.is_set()

    async def _alone(self, place: Token, now: datetime) -> Confirmation:
        """The others of the file were not confirmed, or they were long ago and this is asked a second time."""
        look = await self._look(place.batch_ref)
        if look is not None and (look.place is Place.THERE or look.result is not None):
            return Pending(now + timedelta(seconds=self._settings.ask_seconds))
        return _not_sent("other orders of the file were not confirmed")

    async def _upload(self, place: Token, orders: list[PaymentOrder], now: datetime) -> Confirmation:
        upload = build(orders, self._settings.payer_account, place.value_date)
        if upload.batch_ref != place.batch_ref:
            return _not_sent("these orders are not those of the file")
        try:
            put = await asyncio.to_thread(self._drop.put, upload)
        except NoSession as error:
            return _not_sent(error.code.value, stop=error.code in _STOP)
        match put:
            case Put.DONE:
                return Pending(now + timedelta(seconds=self._settings.ask_seconds))
            case Put.NOT_PUT:
                return _not_sent("the bank's drop did not take the file")
            case Put.GIVEN_UP:
                return Rejected(NEVER_UPLOADED, "the file was given up before", retryable_as_new_attempt=True)
            case Put.UNKNOWN:
                return Unknown(Evidence.UPLOAD_CUT)

    async def _look(self, batch_ref: str) -> Look | None:
        """One look for all orders of a file that are asked about at the same time."""
        task = self._looks.get(batch_ref)
        if task is None:
            task = self._looks[batch_ref] = asyncio.create_task(self._remote(lambda: self._drop.look(batch_ref)))
            task.add_done_callback(lambda _: self._looks.pop(batch_ref))
        return await asyncio.shield(task)

    async def _remote(self, work: Callable[[], _T]) -> _T | None:
        try:
            return await asyncio.to_thread(work)
        except NoSession:
            return None

    async def _given_up(self, place: Token, look: Look) -> Standing:
        """Take the file's name at the bank, so that no process of ours that wakes up late can put the file there."""
        taken = look.place is Place.GIVEN_UP or await self._remote(lambda: self._drop.give_up(place.batch_ref))
        if not taken:
            return Unknown(Evidence.FILE_NOT_GIVEN_UP)
        return Rejected(NEVER_UPLOADED, "the file was not uploaded in time", retryable_as_new_attempt=True)


def _ended(look: Look, order: PaymentOrder) -> Standing | None:
    """What the file's own result says; None for a reference that the bank had before this file."""
    result = look.result
    assert result is not None
    if result.refused:
        return refusal(FILE_REFUSED, told_text(result.refused))
    line = result.lines.get(order.bank_ref)
    if line is not None and not line.paid and is_duplicate(line.code):
        return None
    return _told(line, order, result.finished_at)


def _told(line: ResultLine | None, order: PaymentOrder, at: datetime | None) -> Standing:
    if line is None or line.amount != order.amount:
        return Unknown(Evidence.OTHER_PAYMENT)
    if line.paid:
        return Accepted(at)
    # The bank has given a result for the reference: it will not take it a second time.
    return ended_unpaid(told_text(line.code) or "RJCT", told_text(line.text))


def _not_sent(why: str, *, stop: bool = False) -> Rejected:
    return Rejected(NOT_SENT, why, retryable_as_new_attempt=True, stop_channel=stop)


PLUGIN: Final = Plugin(name="scb_file", manifest=MANIFEST, settings=ScbFileSettings, open=ScbFileChannel)
