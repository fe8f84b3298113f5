"""What a sign-off from the command line signs: digests computed from the sheets that the server shows."""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from server.demo.caller import Caller, Refusal
from shared.canonical import IntentSheet, digest, parse_sheet, set_bytes
from shared.money import Satang
from shared.wire.bank_changes import BankChangeSheetReply
from shared.wire.common import ById, Nothing
from shared.wire.payments import FundingList, OpenSheetReply, OpenSheetRequest


def set_digest(caller: Caller, fields: dict[str, Any]) -> str | Refusal:
    """Of a set of intents or a batch, page by page."""
    intents = [item["id"] for item in fields.get("items", [])]
    asked = {"intents": intents, "batch_id": fields.get("batch_id")} if intents else {"batch_id": fields["batch_id"]}
    request = msgspec.convert(asked, type=OpenSheetRequest, strict=False)
    items: list[tuple[str, Satang]] = []
    while True:
        reply = caller.call("open_sign_off_sheet", request)
        if isinstance(reply, Refusal):
            return reply
        page = msgspec.json.decode(reply, type=OpenSheetReply)
        items += [_signed(base64.b64decode(item.sheet)) for item in page.items]
        if not page.next:
            return digest(set_bytes(items))
        request = msgspec.structs.replace(request, after=page.next)


def _signed(sheet: bytes) -> tuple[str, Satang]:
    parsed = parse_sheet(sheet)
    if not isinstance(parsed, IntentSheet):
        raise TypeError("the server shows something else than payments")
    return digest(sheet), parsed.amount


def bank_change_digest(caller: Caller, fields: dict[str, Any]) -> str | Refusal:
    """Of a bank change."""
    reply = caller.call("open_bank_change_sheet", msgspec.convert({"id": fields["id"]}, type=ById, strict=False))
    if isinstance(reply, Refusal):
        return reply
    return digest(base64.b64decode(msgspec.json.decode(reply, type=BankChangeSheetReply).sheet))


def funding_digest(caller: Caller, fields: dict[str, Any]) -> str | Refusal:
    """Of a funding request, from the list of them."""
    reply = caller.call("list_funding", Nothing())
    if isinstance(reply, Refusal):
        return reply
    listed = msgspec.json.decode(reply, type=FundingList).funding
    sheet = next((one.sheet for one in listed if str(one.id) == str(fields["id"])), "")
    return digest(base64.b64decode(sheet))
