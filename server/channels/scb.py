"""Pays through SCB's credit transfer API in either dialect: initiate, confirm, inquiry (docs/bank.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
import structlog
from msgspec import structs

from server.channels.base import (
    NOT_SENT,
    AccountName,
    Announcement,
    Confirmation,
    Duplicate,
    Finding,
    InitiateLost,
    Manifest,
    NotFound,
    PaymentOrder,
    Plugin,
    Rejected,
    Standing,
    Unknown,
    refusal,
)
from server.channels.scb_codes import Verdict, confirm_verdict, verdict
from server.channels.scb_dialects import DIALECTS, DialectName, Payer, bank_time
from server.channels.scb_line import BankLine, LineSettings, NoReply, Reply, Timeouts, encode
from server.channels.scb_replies import (
    TokenData,
    VerifyData,
    decode,
    detail,
    no_answer,
    reason,
    rejected,
    told_text,
    unexplained,
)
from shared.bank_codes import Owner, bank_code
from shared.banks import PROMPTPAY, SCB, AccountNumber, payable_banks
from shared.evidence import Evidence
from shared.ids import AttemptId
from shared.money import Satang

_log = structlog.get_logger(__name__)
_PACE_MARGIN: Final = 1.1
_NOT_VALID: Final = "our client certificate is not valid at this time"
_OVER_LIMIT: Final = "165"
"""The company's limit, unless this one alone is more than the bank takes at once."""


class ScbSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that SCB gives a partner at onboarding, and our limits; seconds may be fractions."""

    base_url: str
    api_key: str
    api_secret: str
    corporate_id: str
    payer_account: str
    payer_tax_id: str
    dialect: DialectName = "fcd"
    corporate_name: str = ""
    """Told to the bank in the v2 dialect only."""
    authority_file: str | None = None
    client_certificate: str
    client_key: str
    spki_pins: tuple[str, ...] = ()
    timeouts: Timeouts = Timeouts()
    keepalive_seconds: float = 20.0
    """Below the bank's idle timeout: a dead kept connection would turn a confirm into an unknown."""
    probe_after_seconds: float = 10.0
    """A money call goes out only if the bank answered on this certificate within this time."""
    calls_per_second: int = 0
    """The bank's quota for each call (5 in the real sandbox), kept by waiting; 0 for none. Beyond it the bank answers
    503, which at confirm would be an unknown."""
    inquiry_by_reference: bool = True
    """Whether the bank says what became of one of our references; else what it calls a duplicate stays in doubt until
    the statement tells."""
    max_connections: int = 64
    max_reply_bytes: int = 65_536

    def __repr__(self) -> str:
        return f"ScbSettings({self.base_url})"

    def line(self) -> LineSettings:
        """The part that concerns the connection."""
        return LineSettings(
            base_url=self.base_url,
            authority_file=None if self.authority_file is None else Path(self.authority_file),
            client_certificate=Path(self.client_certificate),
            client_key=Path(self.client_key),
            spki_pins=frozenset(self.spki_pins),
            timeouts=self.timeouts,
            keepalive_seconds=self.keepalive_seconds,
            max_connections=self.max_connections,
            max_reply_bytes=self.max_reply_bytes,
        )


MANIFEST: Final = Manifest(
    operations=frozenset({"disbursement", "withdrawal"}),
    banks=frozenset({*payable_banks(), PROMPTPAY}),
    max_amount=Satang(2_000_000_00),
    concurrency=64,
    names_accounts=True,
    finds=True,
)


class _Access(msgspec.Struct, frozen=True):
    token: str
    good_until: datetime


class ScbChannel:
    """The Channel over SCB; make it inside the event loop that uses it, once for the life of the process."""

    name = "scb"

    def __init__(self, settings: ScbSettings, next_request_id: Callable[[], str] = lambda: uuid4().hex) -> None:
        self._settings = settings
        self.manifest = structs.replace(
            MANIFEST,
            concurrency=settings.max_connections,
            calls_per_second=settings.calls_per_second,
            finds=settings.inquiry_by_reference,
        )
        self.payer_account = AccountNumber(settings.payer_account)
        self._line = BankLine(settings.line(), next_request_id)
        self._dialect = DIALECTS[settings.dialect]
        name = settings.corporate_name or settings.corporate_id
        self._payer = Payer(settings.corporate_id, name, settings.payer_account, settings.payer_tax_id)
        self._access: _Access | None = None
        self._signing_in = asyncio.Lock()
        self._probing = asyncio.Lock()
        self._answered_at: float | None = None
        self._next_call: dict[str, float] = {}

    def certificate_expiry(self) -> datetime:
        """When our client certificate runs out, for its alarm."""
        return self._line.certificate_expiry()

    def reload_certificate(self) -> None:
        """Take up a renewed client certificate without a restart."""
        self._line.reload_certificate()

    async def initiate(self, order: PaymentOrder, now: datetime) -> Announcement:
        """Announce the order; `InitiateLost` is proof that nothing moved."""
        if order.currency not in MANIFEST.currencies:
            return refusal("currency", "only THB can be sent")
        closed = await self._gate(now)
        if closed is not None:
            return closed
        body = self._dialect.initiate_body(order, self._payer, now)
        reply = await self._call("initiate", self._dialect.initiate_path, body, now)
        if isinstance(reply, Rejected):
            return reply
        if isinstance(reply, NoReply):
            return InitiateLost(Evidence.NO_ANSWER, reply.reason)
        found = verdict(reply.http, reply.code, detail(reply))
        if found is Verdict.DONE:
            return self._dialect.initiated(reply)
        if found is Verdict.DUPLICATE:
            return Duplicate(reason(reply))
        refused = _unexplained(found, reply) or rejected(found, reply)
        if refused is not None and refused.code == _OVER_LIMIT and order.amount > MANIFEST.max_amount:
            return Rejected(refused.code, refused.text, retryable_as_new_attempt=False)
        return refused or InitiateLost(Evidence.UNEXPLAINED, reason(reply))

    async def confirm(self, order: PaymentOrder, token: str, now: datetime) -> Confirmation:
        """Move the money; whatever is not proof of the one or the other is `Unknown`."""
        closed = await self._gate(now)
        if closed is not None:
            return closed
        body = self._dialect.confirm_body(token, now)
        reply = await self._call("confirm", self._dialect.confirm_path, body, now)
        if isinstance(reply, Rejected):
            return reply
        if isinstance(reply, NoReply):
            return no_answer(reply) if reply.sent else _not_sent(reply.reason, stop=reply.untrusted)
        found = confirm_verdict(reply.http, reply.code, detail(reply))
        if found is not Verdict.DONE:
            return rejected(found, reply) or unexplained(reply)
        return self._dialect.confirmed(reply, token)

    async def inquire(self, order: PaymentOrder, token: str, now: datetime) -> Standing:
        """Ask how a token stands."""
        body = self._dialect.inquiry_body(order, token, now)
        reply = await self._call("inquire", self._dialect.inquiry_path, body, now)
        # A refusal here refuses the *question*; it says nothing about the payment.
        if not isinstance(reply, Reply):
            return no_answer(reply)
        found = verdict(reply.http, reply.code, detail(reply))
        if found is Verdict.NOT_THERE:
            return NotFound()
        return self._dialect.standing(reply, order, token) if found is Verdict.DONE else unexplained(reply)

    async def find(self, order: PaymentOrder, now: datetime) -> Finding:
        """Ask by our reference, from the newest days back."""
        if not self.manifest.finds:
            return Unknown(Evidence.NOT_ASKED)
        for body in self._dialect.find_bodies(order, now):
            reply = await self._call("inquire", self._dialect.inquiry_path, body, now)
            if not isinstance(reply, Reply):
                return no_answer(reply)
            found = verdict(reply.http, reply.code, detail(reply))
            if found is Verdict.FAULTY:
                # This bank knows no such question: what it refuses counts as refused, and a duplicate is in doubt.
                _log.warning("the bank can't be asked by reference", answer=reason(reply))
                self.manifest = structs.replace(self.manifest, finds=False)
            if found is not Verdict.NOT_THERE:
                return self._dialect.found(reply, order) if found is Verdict.DONE else unexplained(reply)
        return NotFound()

    async def verify(self, bank_code: str, account_number: AccountNumber, now: datetime) -> AccountName | Unknown:
        """Ask whose account this is."""
        body = {
            "channelDateTime": bank_time(now),
            "corporateId": self._settings.corporate_id,
            "accountInfo": {"accountNo": str(account_number), "bankCode": bank_code},
        }
        reply = await self._call("verify", "/v1/payment/transfer/account/verify", body, now)
        if not isinstance(reply, Reply):
            return no_answer(reply)
        data = decode(reply, VerifyData) if reply.code == 1000 else None
        return unexplained(reply) if data is None else AccountName(told_text(data.account_name), data.account_status)

    async def probe(self, now: datetime) -> Unknown | None:
        """Sign in anew, then inquire about a payment that nobody made: that it is not known is a good answer."""
        if not self._line.certificate_is_valid(now):
            return Unknown(Evidence.CERTIFICATE)
        try:
            async with asyncio.timeout(self._settings.timeouts.probe):
                return await self._answers(now)
        except TimeoutError:
            return Unknown(Evidence.NO_ANSWER, "probe: TimeoutError")

    async def _answers(self, now: datetime) -> Unknown | None:
        access = await self._sign_in(now, refused=self._access)
        if isinstance(access, Rejected):
            return Unknown(Evidence.NO_ANSWER, access.text)
        nobody = PaymentOrder(
            attempt_id=AttemptId(UUID(int=0)),
            bank_ref="PROBE",
            payee_bank_code=SCB,
            payee_account_number=AccountNumber(self._settings.payer_account),
            amount=Satang(1),
            created_at=now,
        )
        reply = await self._post(
            "inquire", self._dialect.inquiry_path, self._dialect.inquiry_body(nobody, "PROBE", now), access
        )
        if isinstance(reply, NoReply):
            return Unknown(Evidence.NO_ANSWER, f"probe: {reply.reason}")
        # Anything below 500 is the payment service's own word, what it thinks of the question.
        return Unknown(Evidence.UNEXPLAINED, f"probe: {reason(reply)}") if reply.http >= 500 else None

    async def close(self) -> None:
        """Close every connection."""
        await self._line.close()

    async def _gate(self, now: datetime) -> Rejected | None:
        """Nothing that matters is sent on a certificate the bank may refuse: TLS 1.3 would tell us too late."""
        if not self._line.certificate_is_valid(now):
            return Rejected(NOT_SENT, _NOT_VALID, retryable_as_new_attempt=True, stop_channel=True)
        async with self._probing:
            proven = self._answered_at
            if proven is not None and _clock() - proven < self._settings.probe_after_seconds:
                return None
            answer = await self._send("probe", "GET", "/v1/util/echo", b"", {})
        if isinstance(answer, NoReply):
            return _not_sent(f"probe: {answer.reason}", stop=answer.untrusted)
        return _not_sent(f"probe: {reason(answer)}") if answer.http >= 500 else None

    async def _call(self, call: str, path: str, body: dict[str, Any], now: datetime) -> Reply | NoReply | Rejected:
        """POST with an access token; `Rejected` when no token could be had, so that the call itself never left."""
        access = await self._sign_in(now, refused=None)
        if isinstance(access, Rejected):
            return access
        reply = await self._post(call, path, body, access)
        if not isinstance(reply, Reply) or verdict(reply.http, reply.code, None) is not Verdict.NEW_TOKEN:
            return reply
        # 9300 is answered before anything executes, so this one call may go out a second time.
        access = await self._sign_in(now, refused=access)
        return access if isinstance(access, Rejected) else await self._post(call, path, body, access)

    async def _post(self, call: str, path: str, body: dict[str, Any], access: _Access) -> Reply | NoReply:
        headers = {"authorization": f"Bearer {access.token}", "resourceOwnerId": self._settings.api_key}
        return await self._send(call, "POST", path, encode(body), headers)

    async def _sign_in(self, now: datetime, refused: _Access | None) -> _Access | Rejected:
        async with self._signing_in:
            kept = self._access
            if kept is not None and kept is not refused and now < kept.good_until:
                return kept
            body = {"applicationKey": self._settings.api_key, "applicationSecret": self._settings.api_secret}
            headers = {"resourceOwnerId": self._settings.api_key}
            reply = await self._send("token", "POST", "/v1/oauth/token", encode(body), headers)
            if isinstance(reply, NoReply):
                return _not_sent(f"token: {reply.reason}", stop=reply.untrusted)
            data = decode(reply, TokenData) if reply.code == 1000 else None
            if data is None:
                stop = verdict(reply.http, reply.code, None) is Verdict.STOP
                return Rejected(NOT_SENT, f"token: {reason(reply)}", retryable_as_new_attempt=True, stop_channel=stop)
            # A tenth of its life early (at most a minute), so that no token runs out under way.
            early = min(60, data.expires_in // 10)
            self._access = _Access(data.access_token, now + timedelta(seconds=data.expires_in - early))
            return self._access

    async def _send(self, call: str, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply | NoReply:
        await self._keep_pace(call)
        seconds: float = getattr(self._settings.timeouts, call)
        answer = await self._line.send(call, method, path, body, headers, seconds)
        self._answered_at = _clock() if isinstance(answer, Reply) else None
        return answer

    async def _keep_pace(self, call: str) -> None:
        if not self._settings.calls_per_second:
            return
        now = _clock()
        due = max(now, self._next_call.get(call, now))
        self._next_call[call] = due + _PACE_MARGIN / self._settings.calls_per_second
        await asyncio.sleep(due - now)


def _not_sent(why: str, *, stop: bool = False) -> Rejected:
    return Rejected(NOT_SENT, why, retryable_as_new_attempt=True, stop_channel=stop)


def _unexplained(found: Verdict, reply: Reply) -> Rejected | None:
    """A refusal for a reason that we don't know: not yet this payment's fault, and nothing moved by announcing it."""
    code = detail(reply) or str(reply.code)
    if found is not Verdict.BUSINESS or bank_code(code).owner is not Owner.UNKNOWN:
        return None
    return Rejected(code, told_text(reply.description), retryable_as_new_attempt=True, stop_channel=True)


def _clock() -> float:
    return asyncio.get_running_loop().time()


PLUGIN: Final = Plugin(name="scb", manifest=MANIFEST, settings=ScbSettings, open=ScbChannel)
