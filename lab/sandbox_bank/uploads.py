"""Takes upload files out of the inbox, executes their lines in the books, and writes result files.

A line goes the same way as a call over the API, so every rule and fault of the teller holds for files too. Killed at
any moment, the bank goes on where it was: a file's row stands before its first line, and a reference executes once.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

import msgspec

from lab.sandbox_bank.books import Books
from lab.sandbox_bank.clock import BankClock, bangkok, bank_time
from lab.sandbox_bank.faults import Fault, FaultBoard, Subject
from lab.sandbox_bank.fields import NumberText
from lab.sandbox_bank.settings import BankSettings
from lab.sandbox_bank.statements import publish
from lab.sandbox_bank.teller import Teller
from lab.sandbox_bank.upload_books import TakenLine, UploadBooks
from shared.banks import PROMPTPAY, SCB
from shared.money import AmountProblem, Satang, format_amount, parse_amount

_PREFIX: Final = "CPX_"
_DETAIL_FIELDS: Final = 28
_TRUNCATED_SECONDS: Final = 60.0
_PRODUCTS: Final = ("3PT", "RFT", "PPY")


class _Line(msgspec.Struct, frozen=True):
    reference: str
    bank_code: str
    account_no: str
    amount: Satang


class Uploads:
    """The inbox and the results of one bank; `step` is called again and again."""

    def __init__(
        self, settings: BankSettings, books: Books, teller: Teller, faults: FaultBoard, clock: BankClock, root: Path
    ) -> None:
        self._settings, self._teller, self._faults, self._clock, self._books = settings, teller, faults, clock, books
        self._rows = UploadBooks(books.connection)
        self._inbox, self._taken, self._results = root / "inbox", root / "inbox" / "done", root / "outbox" / "result"
        for folder in (self._taken, self._results):
            folder.mkdir(parents=True, exist_ok=True)

    def step(self) -> None:
        """Take what has come, and publish the results that are due."""
        for file in sorted(self._inbox.glob("*.txt")):
            self._take(file)
        for name, batch_ref in self._rows.due(self._clock.now()):
            self._publish(name, batch_ref)

    def _take(self, file: Path) -> None:
        content = file.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if self._rows.is_finished(file.name):
            # A name is taken once; what comes under it again is kept aside and never looked at.
            file.replace(self._taken / f"{file.name}.again-{digest[:8]}")
            return
        batch_ref = file.stem.removeprefix(_PREFIX)
        lines = _read(content, batch_ref, self._settings.company_account)
        self._rows.begin(file.name, batch_ref, digest, self._clock.now())
        if isinstance(lines, str):
            self._rows.refuse(file.name, lines)
        else:
            for ordinal, line in enumerate(lines, 1):
                self._rows.note(file.name, ordinal, self._execute(line, file.name))
        late = self._faults.strike(Fault.RESULT_LATE, "result")
        seconds = self._settings.result_seconds
        if late is not None:
            seconds = self._settings.pending_seconds if late.seconds is None else late.seconds
        self._rows.finish(file.name, self._clock.now() + int(seconds * 1000))
        file.replace(self._taken / file.name)

    def _execute(self, line: _Line, name: str) -> TakenLine:
        """Initiate and confirm as the API would; a line that was begun before a kill is confirmed now.

        A reference that was in another file is had already, whatever became of it there.
        """
        if self._rows.had(line.reference, name):
            return TakenLine(line.reference, line.amount, "", "1111", "Duplicate data (reference)")
        known = self._books.by_reference(line.reference)
        if known is None or known.initiated_at < self._rows.begun_at(name):
            answer = self._teller.initiate(self._body(line))
            if answer.code != 1000 or not isinstance(answer.data, dict):
                code, text = _why(answer.data, answer.code, answer.description)
                return TakenLine(line.reference, line.amount, "", code, text)
            token = str(answer.data["tokenizerId"])
        else:
            token = known.token
        self._teller.confirm({"tokenizerId": token, "channelDateTime": bank_time(self._clock.now())})
        return TakenLine(line.reference, line.amount, token, "", "")

    def _body(self, line: _Line) -> dict[str, Any]:
        company = {"accountNo": self._settings.company_account, "bankCode": SCB}
        return {
            "channelDateTime": bank_time(self._clock.now()),
            "partnerTransactionID": line.reference,
            "corporateId": self._settings.corporate_id,
            "payer": {"taxId": self._settings.payer_tax_id, "accountInfo": company},
            "payee": {"accountInfo": {"accountNo": line.account_no, "bankCode": line.bank_code}},
            "tranAmount": {"amount": NumberText(format_amount(line.amount)), "currency": "THB"},
        }

    def _publish(self, name: str, batch_ref: str) -> None:
        """Write the result when every line has ended; a fault may keep it back, cut it or write it twice."""
        rows = [self._row(line) for line in self._rows.lines(name)]
        if None in rows:
            return
        body = [row for row in rows if row is not None]
        paid = [row[2] for row in body if row[3] == "ACCC"]
        total = format_amount(Satang(sum(_satang(amount) for amount in paid)))
        head = ("RESULT", batch_ref, f"{bangkok(self._clock.now()):%Y%m%d%H%M%S}", self._rows.refusal(name))
        table = [head, *body, ("TRAILR", str(len(body)), str(len(paid)), total)]
        content = "".join("|".join(row) + "\r\n" for row in table).encode()
        stem, subject = f"RESULT_{batch_ref}", Subject(reference=batch_ref)
        if self._faults.strike(Fault.RESULT_MISSING, "result", subject):
            self._rows.published(name)
            return
        if cut := self._faults.strike(Fault.RESULT_TRUNCATED, "result", subject):
            publish(self._results, f"{stem}.txt", content[: len(content) // 2], proof_of=content)
            seconds = _TRUNCATED_SECONDS if cut.seconds is None else cut.seconds
            self._rows.finish(name, self._clock.now() + int(seconds * 1000))
            return
        publish(self._results, f"{stem}.txt", content)
        if self._faults.strike(Fault.RESULT_DUPLICATE, "result", subject):
            publish(self._results, f"{stem}_2.txt", content)
        self._rows.published(name)

    def _row(self, line: TakenLine) -> tuple[str, ...] | None:
        """A line of the result; None while the payment is not finished."""
        amount = format_amount(Satang(line.amount))
        payment = self._books.transaction(line.token) if line.token else None
        if payment is None:
            return ("TXNRES", line.reference, amount, "RJCT", line.code, line.text)
        match payment.status:
            case "CONFIRM_COMPLETED":
                return ("TXNRES", line.reference, amount, "ACCC", "", "")
            case "CONFIRM_PROCESSING" | "INITIATE_COMPLETED":
                return None
            case _:
                return ("TXNRES", line.reference, amount, "RJCT", payment.code or "112", payment.reason or "Rejected")


def _read(content: bytes, batch_ref: str, company_account: str) -> list[_Line] | str:
    """The lines of a file, or why not one of them is taken."""
    if not content:
        return "empty file"
    try:
        rows = [row.split("|") for row in content.decode().split("\r\n")]
        header, batch, *details, trailer, end = rows
        product, account, total, count = batch[2], batch[4], batch[6], batch[7]
        lines = [_line(row, product) for row in details]
    except (ValueError, IndexError):
        return "layout"
    if (header[0], batch[0], trailer[0], end) != ("HEADER", "BCHDET", "TRAILR", [""]) or batch[1] != batch_ref:
        return "layout"
    if product not in _PRODUCTS or account != company_account:
        return "product or account"
    summed = format_amount(Satang(sum(line.amount for line in lines)))
    if [total, count] != [summed, str(len(lines))] or trailer[1:] != ["1", count, total]:
        return "totals"
    return lines if lines and len({line.reference for line in lines}) == len(lines) else "references"


def _line(row: list[str], product: str) -> _Line:
    amount = parse_amount(row[6])
    wrong_bank = (row[4] == SCB) != (product == "3PT") or (row[4] == PROMPTPAY) != (product == "PPY")
    if row[0] != "TXNDET" or len(row) != _DETAIL_FIELDS or isinstance(amount, AmountProblem) or wrong_bank:
        raise ValueError("not a line of this product")
    return _Line(row[1], row[4], row[2], amount)


def _satang(amount: str) -> int:
    parsed = parse_amount(amount)
    return 0 if isinstance(parsed, AmountProblem) else parsed


def _why(data: object, code: int, description: str) -> tuple[str, str]:
    told = data if isinstance(data, dict) else {}
    return str(told.get("code", code)), str(told.get("description", description))
