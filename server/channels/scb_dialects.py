"""The two ways in which SCB's credit transfer API is spoken: "fcd" of today and v2 of 2021 (docs/bank.md)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, Literal, Protocol

import msgspec

from server.channels.base import (
    Accepted,
    Found,
    Initiated,
    InitiateLost,
    Mismatch,
    OpenStatus,
    PaymentOrder,
    Rejected,
    Standing,
    StillOpen,
    Unknown,
    refusal,
)
from server.channels.scb_line import Reply
from server.channels.scb_replies import (
    ConfirmData,
    FoundData,
    InquiryData,
    bank_moment,
    decode,
    ended_unpaid,
    initiated,
    is_ours,
    is_token,
    satang,
    standing,
    told_text,
    unexplained,
)
from shared.banks import SCB
from shared.evidence import Evidence
from shared.money import format_amount
from shared.thai import BANGKOK

DialectName = Literal["fcd", "v2"]

_TEXT_LIMIT: Final = 40
_WINDOWS: Final = 40
"""So many inquiries by reference at most: four months."""
_MARK: Final = "@"
"""Stands between the bank's token and its time in a v2 token of ours: confirm and inquiry must name both."""


class Payer(msgspec.Struct, frozen=True):
    """Who pays: the same for every order."""

    corporate_id: str
    corporate_name: str
    account: str
    tax_id: str


class Dialect(Protocol):
    """Paths, request bodies, and what good replies say; errors are told alike in both dialects."""

    initiate_path: str
    confirm_path: str
    inquiry_path: str

    def initiate_body(self, order: PaymentOrder, payer: Payer, now: datetime) -> dict[str, Any]:
        """The body of an initiate."""
        ...

    def initiated(self, reply: Reply) -> Initiated | InitiateLost:
        """The token, with all that confirm and inquiry will need of the bank's reply."""
        ...

    def confirm_body(self, token: str, now: datetime) -> dict[str, Any]:
        """The body of a confirm."""
        ...

    def confirmed(self, reply: Reply, token: str) -> Accepted | Unknown:
        """Whether the reply is about this token."""
        ...

    def inquiry_body(self, order: PaymentOrder, token: str, now: datetime) -> dict[str, Any]:
        """The body of an inquiry."""
        ...

    def standing(self, reply: Reply, order: PaymentOrder, token: str) -> Standing:
        """What a good inquiry reply says."""
        ...

    def find_bodies(self, order: PaymentOrder, now: datetime) -> Iterator[dict[str, Any]]:
        """The bodies of inquiries by reference, to be sent one after the other until the bank finds something."""
        ...

    def found(self, reply: Reply, order: PaymentOrder) -> Found | Mismatch | Unknown:
        """What a good reply to one of them says."""
        ...


class Fcd:
    """Generation B."""

    initiate_path = "/v1/payment/transfer/fcd/credit/initiate"
    confirm_path = "/v1/payment/transfer/fcd/credit/confirm"
    inquiry_path = "/v1/payment/transfer/fcd/inquiry"

    def initiate_body(self, order: PaymentOrder, payer: Payer, now: datetime) -> dict[str, Any]:
        """Keyed by partnerTransactionID."""
        paying, paid = _parties(order, payer)
        if order.payer_statement_text:
            paying["statementDescription"] = order.payer_statement_text[:_TEXT_LIMIT]
        return {
            "channelDateTime": bank_time(now),
            "partnerTransactionID": order.bank_ref,
            "corporateId": payer.corporate_id,
            "payer": paying,
            "payee": paid,
            "tranAmount": _money(order),
        }

    def initiated(self, reply: Reply) -> Initiated | InitiateLost:
        """The token as the bank wrote it."""
        return initiated(reply)

    def confirm_body(self, token: str, now: datetime) -> dict[str, Any]:
        """Time and token."""
        return {"channelDateTime": bank_time(now), "tokenizerId": token}

    def confirmed(self, reply: Reply, token: str) -> Accepted | Unknown:
        """Done, if the reply names this token."""
        data = decode(reply, ConfirmData)
        if data is None or data.tokenizer_id != token:
            return Unknown(Evidence.OTHER_PAYMENT)
        return Accepted(bank_moment(data.channel_date_time))

    def inquiry_body(self, order: PaymentOrder, token: str, now: datetime) -> dict[str, Any]:
        """Asks about the three days around the order's making."""
        made = order.created_at.astimezone(BANGKOK).date()
        return {
            "channelDateTime": bank_time(now),
            "tokenizerId": token,
            "dateFrom": (made - timedelta(days=1)).isoformat(),
            "dateTo": (made + timedelta(days=1)).isoformat(),
        }

    def standing(self, reply: Reply, order: PaymentOrder, token: str) -> Standing:
        """Believed only when token and amount are ours."""
        data = decode(reply, InquiryData)
        if data is None:
            return unexplained(reply)
        if data.tokenizer_id != token or satang(data.tran_amount.amount) != order.amount:
            return Unknown(Evidence.OTHER_PAYMENT)
        return standing(data)

    def find_bodies(self, order: PaymentOrder, now: datetime) -> Iterator[dict[str, Any]]:
        """The bank looks at three days at once: from the newest back to the day on which the payment was asked for."""
        day = order.created_at.astimezone(BANGKOK).date() + timedelta(days=1)
        first = (order.since or order.created_at).astimezone(BANGKOK).date()
        for _ in range(_WINDOWS):
            begins = day - timedelta(days=2)
            yield {
                "channelDateTime": bank_time(now),
                "partnerTransactionID": order.bank_ref,
                "dateFrom": begins.isoformat(),
                "dateTo": day.isoformat(),
            }
            if begins <= first:
                return
            day = begins - timedelta(days=1)

    def found(self, reply: Reply, order: PaymentOrder) -> Found | Mismatch | Unknown:
        """Believed only for our reference; an amount or a payee that is not ours is for people."""
        data = decode(reply, FoundData)
        if data is None or data.partner_transaction != order.bank_ref or not is_token(data.tokenizer_id):
            return Unknown(Evidence.OTHER_PAYMENT)
        if satang(data.tran_amount.amount) != order.amount or data.tran_amount.currency != order.currency:
            return Mismatch()
        info = data.payee.account_info
        if info is not None and not (
            info.bank_code == order.payee_bank_code and is_ours(info.account_no, str(order.payee_account_number))
        ):
            return Mismatch()
        name = data.payee.account_name
        return Found(data.tokenizer_id, None if name is None else told_text(name), standing(data))


class _V2Token(msgspec.Struct, rename="camel"):
    tokenizer_id: str
    transaction_date_time: str


class _Transaction(msgspec.Struct, rename="camel"):
    transaction_status: str
    error_code: str = ""
    error_description: str = ""
    business_transaction_reference: str = ""


class _Original(msgspec.Struct, rename="camel"):
    transaction_information: _Transaction


class _Payment(msgspec.Struct, rename="camel"):
    original_payment_information_and_status: list[_Original]


class _V2Inquiry(msgspec.Struct, rename="camel"):
    payment_information: list[_Payment]


class V2:
    """Generation A. Its inquiry tells no amount, so the statement alone proves what was paid; token, time and our own
    reference must all fit for the bank to answer."""

    initiate_path = "/v2/payment/transfer/credit/initiate"
    confirm_path = "/v2/payment/transfer/confirm"
    inquiry_path = "/v1/payment/transfer/inquiry"

    def initiate_body(self, order: PaymentOrder, payer: Payer, now: datetime) -> dict[str, Any]:
        """Keyed by instructionIdentification."""
        paying, paid = _parties(order, payer)
        return {
            "transactionType": "DR",
            "corporateId": payer.corporate_id,
            "corporateName": payer.corporate_name,
            "payer": paying,
            "payee": paid,
            "tranAmount": _money(order),
            "fee": {"amount1": msgspec.Raw(b"0.00")},
            "additionalNote": (order.payer_statement_text or order.bank_ref)[:_TEXT_LIMIT],
            "annotation": order.bank_ref,
            "instructionIdentification": order.bank_ref,
        }

    def initiated(self, reply: Reply) -> Initiated | InitiateLost:
        """Token and time together; neither name nor fee is told in this dialect."""
        found = initiated(reply)
        data = decode(reply, _V2Token)
        if isinstance(found, InitiateLost) or data is None or bank_moment(data.transaction_date_time) is None:
            return InitiateLost(Evidence.NO_TOKEN)
        return Initiated(f"{found.token}{_MARK}{data.transaction_date_time}", found.payee_name_masked, found.fee)

    def confirm_body(self, token: str, now: datetime) -> dict[str, Any]:
        """Token and the time that the bank gave with it."""
        tokenizer, _, moment = token.rpartition(_MARK)
        return {"tokenizerId": tokenizer, "transactionDateTime": moment}

    def confirmed(self, reply: Reply, token: str) -> Accepted | Unknown:
        """Done, if the reply names this token; the time it tells is the initiate's."""
        data = decode(reply, _V2Token)
        if data is None or data.tokenizer_id != token.rpartition(_MARK)[0]:
            return Unknown(Evidence.OTHER_PAYMENT)
        return Accepted(None)

    def inquiry_body(self, order: PaymentOrder, token: str, now: datetime) -> dict[str, Any]:
        """Token, time and our reference."""
        return {**self.confirm_body(token, now), "instructionIdentification": order.bank_ref}

    def standing(self, reply: Reply, order: PaymentOrder, token: str) -> Standing:
        """Decided by the status of the one transaction; PDNG with an error code is under way, without one it waits for
        its confirm."""
        data = decode(reply, _V2Inquiry)
        found = [one for payment in data.payment_information for one in _of(payment)] if data else []
        if len(found) != 1:
            return unexplained(reply)
        told = found[0]
        if told.business_transaction_reference not in ("", order.bank_ref):
            return Unknown(Evidence.OTHER_PAYMENT)
        code, text = told_text(told.error_code), told_text(told.error_description)
        match told.transaction_status:
            case "ACCC":
                return Accepted(None)
            case "PDNG":
                waiting = code in ("", "000")
                return StillOpen(OpenStatus.AWAITING_CONFIRM if waiting else OpenStatus.PROCESSING)
            case "CANC":
                return refusal("CANC", text, spent=True)
            case "RJCT":
                return ended_unpaid(code or "RJCT", text)
            case other:
                return Unknown(Evidence.UNEXPLAINED, told_text(other[:35]))

    def find_bodies(self, order: PaymentOrder, now: datetime) -> Iterator[dict[str, Any]]:
        """Our reference alone."""
        yield {"instructionIdentification": order.bank_ref}

    def found(self, reply: Reply, order: PaymentOrder) -> Found | Mismatch | Unknown:
        """What ended unpaid is told; of all else this dialect names neither amount nor payee, so it proves nothing."""
        data = decode(reply, _V2Token)
        if data is None or not is_token(data.tokenizer_id) or bank_moment(data.transaction_date_time) is None:
            return unexplained(reply)
        token = f"{data.tokenizer_id}{_MARK}{data.transaction_date_time}"
        said = self.standing(reply, order, token)
        if isinstance(said, Rejected):
            return Found(token, None, said)
        return Unknown(Evidence.UNNAMED)


DIALECTS: Final[dict[DialectName, Dialect]] = {"fcd": Fcd(), "v2": V2()}


def bank_time(now: datetime) -> str:
    """A moment as the bank writes it."""
    return now.astimezone(BANGKOK).isoformat(timespec="milliseconds")


def _of(payment: _Payment) -> list[_Transaction]:
    return [original.transaction_information for original in payment.original_payment_information_and_status]


def _money(order: PaymentOrder) -> dict[str, Any]:
    return {"amount": msgspec.Raw(format_amount(order.amount).encode("ascii")), "currency": order.currency}


def _parties(order: PaymentOrder, payer: Payer) -> tuple[dict[str, Any], dict[str, Any]]:
    paying = {"taxId": payer.tax_id, "accountInfo": {"accountNo": payer.account, "bankCode": SCB}}
    number, bank = str(order.payee_account_number), order.payee_bank_code
    paid: dict[str, Any] = {"accountInfo": {"accountNo": number, "bankCode": bank}}
    if order.payee_tax_id:
        paid["taxId"] = order.payee_tax_id
    return paying, paid
