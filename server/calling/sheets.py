"""What a sign-off from the command line signs: digests computed from the sheets that the server shows."""

from __future__ import annotations

import base64
from typing import Any, Final

import msgspec

from server.calling.caller import Caller, Refusal
from shared.canonical import IntentSheet, digest, parse_sheet, set_bytes
from shared.money import Satang
from shared.wire.bank_changes import BankChangeSheetReply
from shared.wire.common import ById
from shared.wire.payments import OpenSheetReply, OpenSheetRequest
from shared.wire.table import BY_NAME

Shown = dict[str, Any]
"""What a decision takes from what the server shows: `digest`, and `version` where there is one."""

LISTED: Final = {
    "sign_funding": ("list_funding", "funding"),
    "sign_deposit": ("list_deposits", "deposits"),
    "sign_set_aside": ("list_set_asides", "set_asides"),
    "sign_restore": ("list_restores", "restores"),
    "sign_rule": ("list_rules", "rules"),
    "sign_advance": ("list_advances", "advances"),
    "sign_routes": ("list_routes", "tables"),
}
"""Decisions about what a list shows: the list's verb and the field that holds its rows."""


def shown_for(caller: Caller, verb: str, fields: Shown) -> Shown | Refusal:
    """What the server shows of the thing that is decided; the digest is computed anew wherever the sheet is shown."""
    if verb == "sign_off":
        return _of_set(caller, fields)
    if verb == "sign_bank_change":
        return _of_bank_change(caller, fields)
    listing, rows = LISTED[verb]
    request: Shown = {}
    while True:
        reply = caller.call(listing, msgspec.convert(request, type=BY_NAME[listing].request, strict=False))
        if isinstance(reply, Refusal):
            return reply
        page = msgspec.json.decode(reply, type=Shown)
        for one in page[rows]:
            if one["id"] == str(fields.get("id", "")):
                sheet = one.get("sheet", "")
                return {**one, "digest": digest(base64.b64decode(sheet)) if sheet else one["digest"]}
        if not page.get("cursor"):
            # The verb itself says that it is not there.
            return {"digest": "0" * 64, "version": 1}
        request = {"cursor": page["cursor"]}


def _of_set(caller: Caller, fields: Shown) -> Shown | Refusal:
    """A set of intents, or a batch, page by page; of intents the versions that are shown, too."""
    intents = [item["id"] for item in fields.get("items", [])]
    asked = {"intents": intents} if intents else {"batch_id": fields.get("batch_id")}
    request = msgspec.convert(asked, type=OpenSheetRequest, strict=False)
    signed: list[tuple[str, Satang]] = []
    versions: list[Shown] = []
    while True:
        reply = caller.call("open_sign_off_sheet", request)
        if isinstance(reply, Refusal):
            return reply
        page = msgspec.json.decode(reply, type=OpenSheetReply)
        signed += [_signed(base64.b64decode(item.sheet)) for item in page.items]
        versions += [{"id": item.id, "version": item.version} for item in page.items] if intents else []
        if not page.next:
            return {"digest": digest(set_bytes(signed)), "items": versions, "batch_version": page.batch_version}
        request = msgspec.structs.replace(request, after=page.next)


def _of_bank_change(caller: Caller, fields: Shown) -> Shown | Refusal:
    request = msgspec.convert({"id": fields.get("id")}, type=ById, strict=False)
    reply = caller.call("open_bank_change_sheet", request)
    if isinstance(reply, Refusal):
        return reply
    shown = msgspec.json.decode(reply, type=BankChangeSheetReply)
    return {"digest": digest(base64.b64decode(shown.sheet)), "version": shown.version}


def _signed(sheet: bytes) -> tuple[str, Satang]:
    parsed = parse_sheet(sheet)
    if not isinstance(parsed, IntentSheet):
        raise TypeError("the server shows something else than payments")
    return digest(sheet), parsed.amount
