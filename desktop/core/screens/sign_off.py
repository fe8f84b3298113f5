"""The sign-off dialog: drawn from the bytes that will be signed, void as soon as the server has a newer version."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from desktop.core import texts
from desktop.core.answers import Failure, Offline, Problem
from desktop.core.desk import Desk
from desktop.core.operations import approvals, payments
from desktop.core.screens.asked_bank import bank_word
from desktop.core.screens.base import Action, Screen, first_reason
from desktop.core.screens.cautions import Caution, Findings
from desktop.core.sheets import Mismatch, SetReader, Shown, SignedItem, Subject, check_case
from desktop.core.signing import KINDS, Kind
from desktop.core.store.cache import Changes
from desktop.core.store.outbox import new_event_id
from desktop.i18n.text import Text
from shared.canonical import Sheet
from shared.limits import LONG_TEXT
from shared.money import baht_text, baht_text_english, display_amount
from shared.refusals import RefusalCode
from shared.text import TextProblem, clean_text
from shared.wire import payments as wire
from shared.wire.approvals import SignCaseRequest
from shared.wire.bank_changes import BankChangeView
from shared.wire.common import ItemRefused

OPEN_SECONDS: Final = 300
SLOW: Final = timedelta(seconds=1)
Decision = Literal["approve", "reject"]


class SignOff(Screen):
    """`open` it; then acknowledge, type the code, and `decide`."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.kind = Kind.INTENTS
        self.subject: Subject | None = None
        self.warnings: tuple[Caution, ...] = ()
        self.acknowledged: frozenset[int] = frozenset()
        self.voided: Text | None = None
        self.changed_fields: tuple[tuple[str, str, str], ...] = ()
        self.documents_read: frozenset[str] = frozenset()
        self.bank_word = bank_word(None, desk.now())
        """Of a bank change: what the bank says about the new account."""
        self.wrong_code = False
        """The last code was wrong; how many tries are left, the server says."""
        self._locked: Text | None = None
        self.progress = (0, 0)
        """Payments read, and how many there are."""
        self.results: tuple[wire.SignOffResult, ...] = ()
        self.done = False
        self.decided: Decision | None = None
        """What the server took, once `done`."""
        self._versions: dict[str, int] = {}
        self._shown: dict[str, Any] = {}
        self._opened_at: datetime | None = None
        self._began: datetime | None = None
        self._stopped = False
        self._batch_id: UUID | None = None
        self._case_id: UUID | None = None
        # One key per opened dialog and decision: a lost answer is asked for again, never signed twice.
        self._keys: dict[str, str] = {}

    async def open(self, kind: Kind, ids: Sequence[UUID]) -> None:
        """A set of payments, a whole batch (read in pages, see `progress`) or one case, as the server has it."""
        self.kind, known = kind, KINDS[kind]
        if known.sheet is not None and known.read is not None:
            await self._open_case(known.sheet, await known.read(self.desk.client, ids[0]), ids[0])
        elif kind is Kind.BATCH:
            self._batch_id = ids[0]
            await self._open_set(wire.OpenSheetRequest(batch_id=ids[0]))
        else:
            await self._open_set(wire.OpenSheetRequest(intents=list(ids)))

    async def _open_case(self, sheet: type[Sheet], shown: Shown | Failure, case: UUID) -> None:
        if not isinstance(shown, Shown):
            self._failed(shown)
            return
        self._case_id = case
        cautions: tuple[Caution, ...] = ()
        if isinstance(shown.view, BankChangeView):
            self.bank_word = bank_word(shown.view.asked, self.desk.now())
            cautions = self.bank_word.cautions
        # What the cache does not know is not watched: the server refuses a version that is not the newest.
        versions = {str(case): shown.version} if KINDS[self.kind].waiting else {}
        await self._show(check_case(sheet, shown, case), versions, cautions)
        if shown.view.version != shown.version:
            self.voided = texts.CHANGED_MEANWHILE
            self.on_change()

    @property
    def words(self) -> Text | None:
        """The total spelled out; none where no money moves."""
        if self.subject is None or not KINDS[self.kind].money:
            return None
        return Text(baht_text(self.subject.total), baht_text_english(self.subject.total))

    @property
    def approve_label(self) -> Text:
        """What the button says: what it does, with the number."""
        if self.subject is None or not KINDS[self.kind].money:
            return Text("ลงนามอนุมัติ", "Sign and approve")
        amount = display_amount(self.subject.total)
        return Text(f"ลงนามอนุมัติ {amount}", f"Sign and approve {amount}")

    @property
    def documents(self) -> tuple[str, ...]:
        """The SHA-256 of each document that the signature will cover."""
        has_papers = self.subject is not None and KINDS[self.kind].document is not None
        return getattr(self.subject.sheet, "documents", ()) if self.subject and has_papers else ()

    async def read_document(self, sha256: str) -> bytes | None:
        """One document's bytes, checked against the digest that is signed; None, with `failure` or `voided`, else."""
        read = KINDS[self.kind].document
        if self._case_id is None or read is None or sha256 not in self.documents:
            return None
        answer = await read(self.desk.client, self._case_id, sha256)
        if not isinstance(answer, bytes):
            self._failed(answer)
            return None
        if hashlib.sha256(answer).hexdigest() != sha256:
            self.voided = texts.TAMPERED
            self.on_change()
            return None
        self.documents_read |= {sha256}
        self.on_change()
        return answer

    def acknowledge(self, index: int, given: bool) -> None:
        """Tick one warning, or untick it."""
        self.acknowledged = self.acknowledged | {index} if given else self.acknowledged - {index}
        self.on_change()

    def seconds_left(self) -> int:
        """Until the dialog must be opened again."""
        if self._opened_at is None:
            return 0
        left = self._opened_at + timedelta(seconds=OPEN_SECONDS) - self.desk.now()
        return max(0, int(left.total_seconds()))

    @property
    def slow(self) -> bool:
        """Whether the reading takes so long that its progress should be seen."""
        return self._began is not None and self.desk.now() - self._began > SLOW

    def may_approve(self, code: str) -> Action:
        """Documents are read, warnings acknowledged, a code is typed, and nothing changed meanwhile."""
        unread = len(self.warnings) - len(self.acknowledged)
        unseen = not self.documents_read >= set(self.documents)
        return first_reason(
            self._cannot_sign(),
            texts.READ_DOCUMENTS if unseen else None,
            texts.acknowledge(unread) if unread else None,
            _code_problem(code),
        )

    def may_reject(self, code: str, reason: str) -> Action:
        """A reason and a code are typed."""
        return first_reason(self._cannot_sign(), None if reason.strip() else texts.NEEDS_REASON, _code_problem(code))

    async def decide(self, decision: Decision, code: str, reason: str = "") -> bool:
        """Sign; True when the server took it. A wrong code leaves the dialog as it is."""
        allowed = self.may_approve(code) if decision == "approve" else self.may_reject(code, reason)
        cleaned = clean_text(reason, LONG_TEXT, required=decision == "reject")
        if not allowed.enabled or self.subject is None or isinstance(cleaned, TextProblem) or self.busy:
            return False
        self.busy = True
        self.on_change()
        answer = await self._send(self.subject, decision, code, cleaned)
        self.busy = False
        self._take(answer)
        self.decided = decision if self.done else None
        await self._void_if_newer(sorted(self._versions))  # news that came while the answer was awaited
        return self.done

    async def _send(self, subject: Subject, decision: Decision, code: str, reason: str) -> Any:
        client, key = self.desk.client, self._keys.setdefault(decision + reason, new_event_id())
        signature = approvals.signature_over(client, decision, subject.digest, reason)
        if self._case_id is not None:
            case = SignCaseRequest(
                id=self._case_id, version=subject.version, decision=decision, reason=reason, digest=subject.digest,
                signature=signature,
            )  # fmt: skip
            return await approvals.sign_case(client, KINDS[self.kind].verb, case, key, code)
        items = [] if self._batch_id else [wire.SignItem(id=item.id, version=item.version) for item in subject.items]
        request = wire.SignOffRequest(
            decision=decision, items=items, batch_id=self._batch_id, batch_version=subject.version, reason=reason,
            digest=subject.digest, signature=signature,
        )  # fmt: skip
        return await payments.sign_off(client, request, key, code)

    def _take(self, answer: Any) -> None:
        if isinstance(answer, wire.SignOffReply):
            self.results = tuple(answer.results)
            answer = next((_as_problem(result.refused) for result in answer.results if result.refused), answer)
        self.failure = answer if isinstance(answer, (Problem, Offline)) else None
        self.done = self.failure is None
        code = answer.code if isinstance(answer, Problem) else ""
        self.wrong_code = code == RefusalCode.CODE_WRONG
        if code == RefusalCode.LOCKED:
            self._locked = self.failure_text
        if code == RefusalCode.STALE_VERSION:
            self.voided = texts.CHANGED_MEANWHILE
        self.desk.sync.wake()

    async def _open_set(self, request: wire.OpenSheetRequest) -> None:
        """Read every page, hash it, look at it and let it go; `stop` ends it between two pages."""
        reader, findings = SetReader(), Findings(keep_all=self._batch_id is None)
        self._began = self.desk.now()
        while not self._stopped:
            page = await payments.open_sheets(self.desk.client, request)
            if not isinstance(page, wire.OpenSheetReply):
                self._failed(page)
                return
            items = await asyncio.to_thread(reader.take, page)
            if isinstance(items, Mismatch):
                await self._show(items, {})
                return
            await self._look(findings, items)
            self.progress = (reader.read, reader.count)
            if page.next <= request.after:
                break
            self.on_change()
            request = msgspec.structs.replace(request, after=page.next)
        if not self._stopped:
            subject = await asyncio.to_thread(reader.subject, findings.shown)
            versions = {str(item.id): item.version for item in findings.shown}
            if isinstance(subject, Subject) and self._batch_id is not None:
                versions = {str(self._batch_id): subject.version}
            await self._show(subject, versions, findings.cautions)

    async def _look(self, findings: Findings, items: Sequence[SignedItem]) -> None:
        now = self.desk.now()
        await self.desk.cache.read(lambda connection: findings.take(connection, items, now))

    def stop(self) -> None:
        """The reader has gone: read no further page."""
        self._stopped = True

    async def _show(
        self, checked: Subject | Mismatch, versions: dict[str, int], warnings: tuple[Caution, ...] = ()
    ) -> None:
        if isinstance(checked, Mismatch):
            self.voided = texts.TAMPERED
            self.on_change()
            return
        self.subject, self._versions = checked, versions
        self._shown = {row_id: await self.desk.cache.get(self.kind, row_id) for row_id in versions}
        self.warnings = warnings
        self._opened_at = self.desk.now()
        self.on_change()

    def _failed(self, failure: Failure) -> None:
        self.failure = failure
        self.on_change()

    def _cannot_sign(self) -> Text | None:
        if self.voided is not None:
            return self.voided
        if self.subject is None:
            return texts.CHECKING
        if self._locked is not None:
            return self._locked
        return texts.TIME_IS_UP if self.seconds_left() == 0 else self._needs_connection()

    def _rows_changed(self, changes: Changes) -> None:
        ours = changes.get(self.kind, set()) & self._versions.keys()
        if ours and not self.done and not self.busy:
            self._start(self._void_if_newer(sorted(ours)))

    async def _void_if_newer(self, ids: list[str]) -> None:
        for row_id in ids:
            view = await self.desk.cache.get(self.kind, row_id)
            if view is not None and view.version > self._versions[row_id] and not self.done:
                self.voided = texts.CHANGED_MEANWHILE
                self.changed_fields = _differences(self._shown.get(row_id), view)
        self.on_change()


def _differences(before: Any | None, after: Any) -> tuple[tuple[str, str, str], ...]:
    """(field, before, after) of what a person may want to know; bookkeeping fields are left out."""
    if before is None:
        return ()
    names = [name for name in after.__struct_fields__ if name not in ("version", "changed_at", "sheet", "digest")]
    pairs = [(name, getattr(before, name), getattr(after, name)) for name in names]
    return tuple((name, str(old), str(new)) for name, old, new in pairs if old != new)


def _as_problem(refused: ItemRefused) -> Problem:
    return Problem(code=refused.code, status=409, detail_th=refused.detail_th, detail_en=refused.detail_en)


def _code_problem(code: str) -> Text | None:
    plain = code.strip()
    return None if len(plain) == 6 and plain.isascii() and plain.isdigit() else texts.NEEDS_CODE
