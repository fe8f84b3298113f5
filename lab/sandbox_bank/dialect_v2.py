"""The older dialect on the same teller: its bodies become today's, and the answers become its own."""

from __future__ import annotations

from typing import Any, Final

from msgspec import structs

from lab.sandbox_bank.books import Books, Transaction
from lab.sandbox_bank.clock import bank_time
from lab.sandbox_bank.fields import ACCOUNT, MOMENT, MONEY, TOKENIZER, Shape, text
from lab.sandbox_bank.teller import Answer, downstream

_REFERENCE: Final = text(r"[A-Za-z0-9]{1,25}")
_PARTY: Final[Shape] = {"accountInfo": ACCOUNT, "taxId": text(r"[0-9]{13}", required=False)}
INITIATE_V2: Final[Shape] = {
    "transactionType": text("DR"),
    "corporateId": text(r".{1,35}"),
    "corporateName": text(r".{1,140}", required=False),
    "payer": {**_PARTY, "taxId": text(r"[0-9]{13}")},
    "payee": _PARTY,
    "tranAmount": MONEY,
    "fee": {"amount1": MONEY["amount"]},
    "additionalNote": text(r".{1,140}", required=False),
    "annotation": text(r".{1,140}", required=False),
    "instructionIdentification": _REFERENCE,
}
CONFIRM_V2: Final[Shape] = {"tokenizerId": TOKENIZER, "transactionDateTime": MOMENT}
INQUIRY_V2: Final[Shape] = {
    "tokenizerId": text(r"[A-Za-z0-9]{1,35}", required=False),
    "transactionDateTime": text(MOMENT.pattern.pattern, required=False),
    "instructionIdentification": _REFERENCE,
}
"""By all three, or by the partner's reference alone."""

_STATUS: Final = {
    "INITIATE_COMPLETED": ("PDNG", ""),
    "CONFIRM_PROCESSING": ("PDNG", "LB9002"),
    "CONFIRM_COMPLETED": ("ACCC", "000"),
    "CONFIRM_FAILED": ("RJCT", ""),
    "CANCELED": ("CANC", ""),
}


def incoming(call: str, body: dict[str, Any], books: Books) -> dict[str, Any] | Answer:
    """The body as today's dialect has it; a token whose time or reference does not fit is not found."""
    if call == "initiate":
        return {
            "channelDateTime": "",
            "partnerTransactionID": body["instructionIdentification"],
            **{name: body[name] for name in ("corporateId", "payer", "payee", "tranAmount")},
        }
    if call == "inquiry" and "tokenizerId" not in body:
        return _by_reference(body["instructionIdentification"], books)
    known = books.transaction(body["tokenizerId"])
    moment = body.get("transactionDateTime", "")
    reference = body.get("instructionIdentification")
    fits = known is not None and moment == bank_time(known.initiated_at) and reference in (None, known.reference)
    if not fits:
        return downstream("BU0001", "data not found (token)")
    day = moment[:10]
    return {"channelDateTime": moment, "tokenizerId": body["tokenizerId"], "dateFrom": day, "dateTo": day}


def _by_reference(reference: str, books: Books) -> dict[str, Any] | Answer:
    known = books.by_reference(reference)
    if known is None:
        return downstream("BU0001", "data not found (reference)")
    moment = bank_time(known.initiated_at)
    return {"channelDateTime": moment, "partnerTransactionID": reference, "dateFrom": moment[:10]}


def outgoing(call: str, answer: Answer, books: Books) -> Answer:
    """A good answer as the older dialect has it: data is an array of one; errors are told alike."""
    if answer.code != 1000 or not isinstance(answer.data, dict):
        return answer
    known = books.transaction(answer.data["tokenizerId"])
    if known is None:
        raise LookupError("an answer about a payment that is not in the books")
    return structs.replace(answer, data=[_inquired(known) if call == "inquiry" else _noted(known, call)])


def _noted(payment: Transaction, call: str) -> dict[str, object]:
    data: dict[str, object] = {
        "tokenizerId": payment.token,
        "transactionDateTime": bank_time(payment.initiated_at),
    }
    return {**data, "customerRefNum": payment.reference.rjust(30, "0")} if call == "initiate" else data


def _inquired(payment: Transaction) -> dict[str, object]:
    status, code = _STATUS[payment.status]
    told = {
        "transactionStatus": status,
        "errorCode": payment.code or code,
        "errorDescription": payment.reason or "",
        "businessTransactionReference": payment.reference,
    }
    original = {"originalPaymentInformationAndStatus": [{"transactionInformation": told}]}
    return {**_noted(payment, "inquiry"), "paymentInformation": [original]}
