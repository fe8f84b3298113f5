"""What the bank does with a well-formed call: token, initiate, confirm, inquiry, verify (docs/bank.md)."""

from __future__ import annotations

import hmac
from datetime import date
from typing import Any, Final
from uuid import uuid4

import msgspec

from lab.sandbox_bank.books import FAITHFUL, Account, Booking, Books, Transaction
from lab.sandbox_bank.callbacks import subject_of
from lab.sandbox_bank.clock import BankClock, bangkok_date, bank_time, next_morning
from lab.sandbox_bank.faults import Fault, FaultBoard, Subject
from lab.sandbox_bank.fields import satang_of
from lab.sandbox_bank.names import invented_name, mask_name, other_name
from lab.sandbox_bank.settings import BankSettings
from shared.banks import PROMPTPAY, SCB, account_lengths, payable_banks
from shared.money import Satang, format_amount

_TRANSFER_LIMIT: Final = 2_000_000_00
_EXTRA_DIFFERENCE: Final = 1_00
_INQUIRY_DAYS: Final = 3

LEGACY: Final = {
    "112": "Invalid transaction",
    "113": "Invalid amount",
    "116": "Insufficient balance",
    "125": "Invalid destination bank",
    "165": "Amount over limit",
    "176": "Invalid destination account number",
    "182": "Account not found",
    "184": "Cut-off time",
}


class Answer(msgspec.Struct, frozen=True):
    """An HTTP status and the envelope of docs/bank.md."""

    http: int
    code: int
    description: str
    data: object = None


def success(data: object) -> Answer:
    """200/1000."""
    return Answer(200, 1000, "Success", data)


def downstream(code: str, text: str) -> Answer:
    """409/8101 with one of the bank's internal codes."""
    return Answer(409, 8101, f"Invalid response from downstream ({code} {text})", {"code": code, "description": text})


def refused(code: str, text: str | None = None) -> Answer:
    """400/8102 with a legacy code: the payment is refused for business reasons."""
    reason = text or LEGACY.get(code, "Rejected")
    return Answer(400, 8102, f"Payment API error ({code} {reason})", {"code": code, "description": reason})


class Teller:
    """Answers calls from the books; nothing here knows of HTTP connections."""

    def __init__(
        self, settings: BankSettings, books: Books, faults: FaultBoard, clock: BankClock, keys: tuple[str, str]
    ) -> None:
        self._settings, self._books, self._faults, self._clock = settings, books, faults, clock
        self._api_key, self._api_secret = keys
        self._access: dict[str, int] = {}

    def token(self, body: dict[str, Any]) -> Answer:
        """Issue an access token for the right application key and secret."""
        key = hmac.compare_digest(body["applicationKey"].encode(), self._api_key.encode())
        secret = hmac.compare_digest(body["applicationSecret"].encode(), self._api_secret.encode())
        if not (key and secret):
            return Answer(401, 9500, "Invalid API key or credentials")
        now, life = self._clock.now(), self._settings.access_token_seconds
        self._access = {token: until for token, until in self._access.items() if until > now}
        token = str(uuid4())
        self._access[token] = now + life * 1000
        expires_at = (now + life * 1000) // 1000
        return success({"accessToken": token, "tokenType": "Bearer", "expiresIn": life, "expiresAt": expires_at})

    def token_is_good(self, authorization: str) -> bool:
        """Whether an `authorization` header carries a live access token."""
        scheme, _, token = authorization.partition(" ")
        return scheme.lower() == "bearer" and self._access.get(token, 0) > self._clock.now()

    def subject(self, call: str, body: dict[str, Any]) -> Subject:
        """What a call is about, for the faults that are narrowed to one payment."""
        if call == "initiate":
            account = body["payee"]["accountInfo"]["accountNo"]
            return Subject(body["partnerTransactionID"], account, satang_of(body["tranAmount"]["amount"]))
        if call == "verify":
            return Subject(account=body["accountInfo"]["accountNo"])
        known = self._asked_about(body)
        return subject_of(known) if known else Subject()

    def initiate(self, body: dict[str, Any]) -> Answer:
        """Check a payment and hand out the token that confirms it."""
        wrong_payer = self._wrong_payer(body)
        if wrong_payer:
            return Answer(400, 1102, f"Invalid parameters ({wrong_payer})")
        if self._books.by_reference(body["partnerTransactionID"]):
            # Before anything else is looked at: what became of it may have changed what is wrong with it now.
            return Answer(400, 1111, "Duplicate data (partnerTransactionID)")
        amount = satang_of(body["tranAmount"]["amount"])
        bank, number = body["payee"]["accountInfo"]["bankCode"], body["payee"]["accountInfo"]["accountNo"]
        subject = self.subject("initiate", body)
        cut_off = self._faults.strike(Fault.CUT_OFF, "initiate", subject)
        failing = self._faults.strike(Fault.CONFIRM_FAILED, "initiate", subject)
        problem = "184" if cut_off else (failing.code if failing else _payee_problem(bank, number, amount))
        payee = self._account(bank, number)
        if problem or payee is None:
            return refused(problem or "182")
        if payee.status == "CLOSED":
            return refused("182", "Account closed")
        if self._faults.strike(Fault.NAME_MISMATCH, "initiate", subject):
            payee = msgspec.structs.replace(payee, name=other_name(payee.name))
        made = self._books.initiate(body["partnerTransactionID"], payee, amount, self._clock.now())
        if made is None:
            return Answer(400, 1111, "Duplicate data (partnerTransactionID)")
        return success(
            {
                "channelDateTime": body["channelDateTime"],
                "tokenizerId": made.token,
                "payee": {"accountName": mask_name(payee.name)},
                "fee": {"amount": msgspec.Raw(b"0.00")},
            }
        )

    def confirm(self, body: dict[str, Any]) -> Answer:
        """Move the money of an initiated payment, once."""
        payment = self._lapsed(body["tokenizerId"])
        done = success({"channelDateTime": body["channelDateTime"], "tokenizerId": body["tokenizerId"]})
        match payment.status if payment else "CANCELED":
            case "CONFIRM_PROCESSING":
                return downstream("LB9002", "transaction is pending")
            case "CONFIRM_FAILED":
                return refused(payment.code or "112", payment.reason) if payment else refused("112")
            case "CONFIRM_COMPLETED" if self._settings.second_confirm == "same_answer":
                return done
            case "INITIATE_COMPLETED" if payment:
                return self._first_confirm(payment) or done
            case _:
                return downstream("BU0001", "data not found (token)")

    def inquiry(self, body: dict[str, Any]) -> Answer:
        """Say how a payment stands; the window is at most three days and must hold the payment's day."""
        try:
            first = date.fromisoformat(body["dateFrom"])
            last = date.fromisoformat(body.get("dateTo", body["dateFrom"]))
        except ValueError:
            return Answer(400, 1102, "Invalid parameters (dateFrom, dateTo)")
        if not 0 <= (last - first).days < _INQUIRY_DAYS:
            return Answer(400, 1102, "Invalid parameters (more than 3 days)")
        by_reference = "partnerTransactionID" in body and self._settings.finds_references
        if ("tokenizerId" in body) == by_reference:
            return Answer(400, 1101, "Missing required parameters (tokenizerId or partnerTransactionID)")
        known = self._asked_about(body)
        payment = self._lapsed(known.token) if known else None
        if payment is None or not first <= bangkok_date(payment.initiated_at) <= last:
            return downstream("BU0001", "data not found (token)")
        data: dict[str, object] = {
            "channelDateTime": bank_time(payment.executed_at or self._clock.now()),
            "tokenizerId": payment.token,
            "status": payment.status,
            "tranAmount": {"amount": msgspec.Raw(_number(payment.amount)), "currency": "THB"},
        }
        if payment.status == "CONFIRM_FAILED":
            data |= {"code": payment.code, "description": payment.reason}
        if "partnerTransactionID" in body:
            info = {"accountNo": payment.account_no, "bankCode": payment.bank_code}
            payee = {"accountName": mask_name(payment.payee_name), "accountInfo": info}
            data |= {"partnerTransactionID": payment.reference, "payee": payee}
        return success(data)

    def _asked_about(self, body: dict[str, Any]) -> Transaction | None:
        """The payment that a call names by its token or by the partner's reference."""
        if "partnerTransactionID" in body:
            return self._books.by_reference(body["partnerTransactionID"])
        return self._books.transaction(body["tokenizerId"]) if "tokenizerId" in body else None

    def verify(self, body: dict[str, Any]) -> Answer:
        """Name the holder of an account."""
        info = body["accountInfo"]
        found = self._account(info["bankCode"], info["accountNo"])
        name = found.name if found else ""
        if found and self._faults.strike(Fault.NAME_MISMATCH, "verify", self.subject("verify", body)):
            name = other_name(found.name)
        status = found.status if found else "NOT_FOUND"
        return success({"accountInfo": info, "accountName": name, "accountStatus": status})

    def echo(self, _body: dict[str, Any]) -> Answer:
        """Say that the bank is there."""
        return success({"time": bank_time(self._clock.now())})

    def _first_confirm(self, payment: Transaction) -> Answer | None:
        """Execute, defer or fail; None means executed."""
        subject, now = subject_of(payment), self._clock.now()
        if failing := self._faults.strike(Fault.CONFIRM_FAILED, "confirm", subject):
            code = failing.code or "112"
            return self._fail(payment, code)
        short = self._faults.strike(Fault.BALANCE_SHORT, "confirm", subject)
        if short or self._books.fact("balance") < payment.amount:
            return self._fail(payment, "116")
        booking = self._booking(subject, now)
        if pending := self._faults.strike(Fault.PENDING, "confirm", subject):
            seconds = self._settings.pending_seconds if pending.seconds is None else pending.seconds
            self._books.defer(payment.token, now + int(seconds * 1000), booking)
            return downstream("LB9002", "transaction is pending")
        self._books.execute(payment.token, now, booking)
        return None

    def _fail(self, payment: Transaction, code: str) -> Answer:
        reason = LEGACY.get(code, "Success" if code == "000" else "Rejected")
        self._books.fail(payment.token, code, reason)
        return refused(code, reason)

    def _booking(self, subject: Subject, now: int) -> Booking:
        wrong = self._faults.strike(Fault.STATEMENT_WRONG_AMOUNT, "confirm", subject)
        hidden = self._faults.strike(Fault.STATEMENT_MISSING_LINE, "confirm", subject)
        returned = self._faults.strike(Fault.RETURNED_NEXT_DAY, "confirm", subject)
        if not (wrong or hidden or returned):
            return FAITHFUL
        difference = (wrong.difference or _EXTRA_DIFFERENCE) if wrong else 0
        return Booking(difference, bool(hidden), next_morning(now) if returned else None)

    def _lapsed(self, token: str) -> Transaction | None:
        """The payment, cancelled first when nobody confirmed it in time."""
        payment = self._books.transaction(token)
        if payment is None or payment.status != "INITIATE_COMPLETED":
            return payment
        if self._clock.now() - payment.initiated_at <= self._settings.confirm_window_seconds * 1000:
            return payment
        self._books.cancel(token)
        return self._books.transaction(token)

    def _wrong_payer(self, body: dict[str, Any]) -> str | None:
        payer, settings = body["payer"], self._settings
        expected = (
            ("corporateId", body["corporateId"], settings.corporate_id),
            ("payer.taxId", payer["taxId"], settings.payer_tax_id),
            ("payer.accountInfo.accountNo", payer["accountInfo"]["accountNo"], settings.company_account),
            ("payer.accountInfo.bankCode", payer["accountInfo"]["bankCode"], SCB),
            ("tranAmount.currency", body["tranAmount"]["currency"], "THB"),
        )
        return next((name for name, actual, wanted in expected if actual != wanted), None)

    def _account(self, bank: str, number: str) -> Account | None:
        found = self._books.account(bank, number)
        if found is None and self._settings.unknown_accounts == "accept":
            return Account(bank, number, invented_name(self._settings.seed, bank, number))
        return found


def _payee_problem(bank: str, number: str, amount: int) -> str | None:
    if bank not in (*payable_banks(), PROMPTPAY):
        return "125"
    if len(number) not in account_lengths(bank):
        return "176"
    if amount == 0:
        return "113"
    return "165" if bank != SCB and amount > _TRANSFER_LIMIT else None


def _number(amount: int) -> bytes:
    return format_amount(Satang(amount)).encode("ascii")
