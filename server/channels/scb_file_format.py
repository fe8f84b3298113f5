"""SCB's pipe-delimited upload file and its result file: bytes and names follow from the content."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from server.channels.base import PaymentOrder
from shared.banks import PROMPTPAY, SCB
from shared.money import AmountProblem, Satang, format_amount, parse_amount
from shared.normal import is_invisible, repair_thai
from shared.thai import BANGKOK

_TOKEN: Final = re.compile(r"([A-Z2-7]{12})\.([0-9]{8})\.([0-9]{1,5})\.([0-9]{1,5})")
_FORBIDDEN: Final = re.compile(r"[!\"#$%&*+;<=>?@\[\\\]^_{|}~\x00-\x1f]")
_BRANCH: Final = {"3PT": "0111", "RFT": "0000", "PPY": "0000"}
_NAME_MOST: Final = 140
_END: Final = "\r\n"


class Token(msgspec.Struct, frozen=True):
    """Where an order stands: which file, of which value date, which line of how many. All that survives a kill."""

    batch_ref: str
    value_date: date
    line: int
    count: int

    def text(self) -> str:
        """As it is committed with the attempt."""
        return f"{self.batch_ref}.{self.value_date:%Y%m%d}.{self.line}.{self.count}"


class Upload(msgspec.Struct, frozen=True):
    """One file: its name, its bytes, and each order's token by bank reference."""

    batch_ref: str
    name: str
    content: bytes
    tokens: dict[str, str]


class ResultLine(msgspec.Struct, frozen=True):
    """What the bank says about one line; `code` and `text` only where it was not paid."""

    amount: Satang
    paid: bool
    code: str
    text: str


class ResultFile(msgspec.Struct, frozen=True):
    """A whole result file; `refused` is the bank's reason when it took not one line of the upload."""

    batch_ref: str
    finished_at: datetime
    refused: str
    lines: dict[str, ResultLine]


def parse_token(text: str) -> Token | None:
    """The token in a text, or None when it is not one of ours."""
    found = _TOKEN.fullmatch(text)
    if found is None:
        return None
    try:
        return Token(found[1], datetime.strptime(found[2], "%Y%m%d").date(), int(found[3]), int(found[4]))  # noqa: DTZ007  # a date has no zone
    except ValueError:
        return None


def file_name(batch_ref: str) -> str:
    """What the upload with this batch reference is called."""
    return f"CPX_{batch_ref}.txt"


def result_stem(batch_ref: str) -> str:
    """How the names of its result files begin."""
    return f"RESULT_{batch_ref}"


def product(order: PaymentOrder) -> str:
    """3PT to an account at SCB, PPY to a national id, RFT to any other bank; one file holds one product."""
    return {SCB: "3PT", PROMPTPAY: "PPY"}.get(order.payee_bank_code, "RFT")


def value_date(now: datetime) -> date:
    """Today in Bangkok, or the Monday after a weekend; on a bank holiday, unknown here, the bank refuses the file."""
    today = now.astimezone(BANGKOK).date()
    return today + timedelta(days=max(0, 7 - today.weekday()) if today.weekday() > 4 else 0)


def build(orders: Sequence[PaymentOrder], payer_account: str, value: date) -> Upload:
    """The file of these orders, whatever order they come in; they are of one product.

    Its name is of this try: a file that was given up or refused is not found under the name of the next one, although
    its lines have the same references.
    """
    lines = sorted(orders, key=lambda order: order.bank_ref)
    kind = product(lines[0])
    details = [_detail(order, kind) for order in lines]
    seed = _END.join([kind, f"{value:%Y%m%d}", payer_account, *details, *(str(one.attempt_id) for one in lines)])
    batch_ref = base64.b32encode(hashlib.sha256(seed.encode()).digest()).decode("ascii")[:12]
    total, count = format_amount(Satang(sum(order.amount for order in lines))), len(lines)
    rows = [
        f"HEADER|SHEAF{batch_ref}|{batch_ref}",
        f"BCHDET|{batch_ref}|{kind}|{value:%Y%m%d}|{payer_account}|{payer_account}|{total}|{count}||",
        *details,
        f"TRAILR|1|{count}|{total}",
    ]
    tokens = {order.bank_ref: Token(batch_ref, value, at, count).text() for at, order in enumerate(lines, 1)}
    return Upload(batch_ref, file_name(batch_ref), "".join(row + _END for row in rows).encode(), tokens)


def read_result(content: bytes) -> ResultFile | None:
    """A result file that is whole: head, lines and trailer agree in count and sum. None for anything else."""
    try:
        rows = [row.split("|") for row in content.decode().splitlines()]
        head, *body, tail = rows
        kind, batch_ref, finished, refused = head
        finished_at = datetime.strptime(finished, "%Y%m%d%H%M%S").replace(tzinfo=BANGKOK)
        lines = {row[1]: _result_line(row) for row in body}
        paid = [line.amount for line in lines.values() if line.paid]
        proof = ["TRAILR", str(len(body)), str(len(paid)), format_amount(Satang(sum(paid)))]
    except (ValueError, IndexError):
        return None
    if kind != "RESULT" or tail != proof or len(lines) != len(body):
        return None
    return ResultFile(batch_ref, finished_at, refused, lines)


def _result_line(row: Sequence[str]) -> ResultLine:
    kind, _reference, written, status, code, text = row
    amount = parse_amount(written)
    if kind != "TXNRES" or status not in ("ACCC", "RJCT") or isinstance(amount, AmountProblem):
        raise ValueError("not a line of a result")
    return ResultLine(amount, status == "ACCC", code, text)


def _detail(order: PaymentOrder, kind: str) -> str:
    bank = order.payee_bank_code
    shown = "".join(one for one in order.payee_name if one.isspace() or not is_invisible(one))
    name = " ".join(_FORBIDDEN.sub(" ", repair_thai(shown)).split())[:_NAME_MOST].strip()
    fields = [""] * 28
    fields[0:5] = ["TXNDET", order.bank_ref, str(order.payee_account_number), "NAT" if kind == "PPY" else "", bank]
    fields[5:9] = [_BRANCH[kind], format_amount(order.amount), "", "OUR"]
    fields[9], fields[11], fields[13] = "N", "N", name
    fields[17], fields[20], fields[21] = "N", "N", "N"
    fields[27] = order.payer_statement_text
    return "|".join(fields)
