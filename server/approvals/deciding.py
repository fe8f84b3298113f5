"""One way to decide a case of any kind: a room says what its kind is, and gets the verb that signs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, LiteralString, TypeVar
from uuid import UUID

from server.approvals.cases import approvals_of, given, record_sign_off, signer_of, subject_of, verified_signature
from server.approvals.rules import Verdict, judge, reason_refusal
from server.audit import store as audit
from server.context import Actor
from server.database.transaction import Row, Transaction
from shared import canonical
from shared.audit_tags import AuditTag
from shared.permissions import Role
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.approvals import SignCaseRequest

View = TypeVar("View")
Detail = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Hearing:
    """A case, locked, and who decides it: judged, but not signed yet.

    `digest` is of the canonical bytes as they stand in the database now, `before` what earlier approvers have signed.
    """

    row: Row
    actor: Actor
    request: SignCaseRequest
    verdict: Verdict
    digest: str
    before: frozenset[str]

    @property
    def approves(self) -> bool:
        """Whether the decision is an approval."""
        return self.request.decision == "approve"


async def _always(tx: Transaction, hearing: Hearing, now: datetime) -> Refused | None:
    return None


@dataclass(frozen=True, kw_only=True)
class CaseKind(Generic[View]):
    """What a room says of a kind of case that people decide; the table sign_off and sheaf.approval_case know its name.

    `lock` gives the case's row alone in its transaction, with all that its sheet needs (branch_id, state, version,
    maker_id and expires_at among it; `quorum` where the kind has none of its own). `sheet` is the canonical bytes.
    `ready` may refuse an approval for what the signer has not seen or what has changed. `decide` takes the case on, and
    gives what the audit entry says besides decision, role and digest. `show` is the reply. `prefix` stands before the
    case's id in audit entries.
    """

    name: LiteralString
    tag: AuditTag
    open_state: str
    quorum: tuple[Role, ...] | None
    lock: Callable[[Transaction, UUID], Awaitable[Row | None]]
    sheet: Callable[[Transaction, Row], Awaitable[bytes]]
    decide: Callable[[Transaction, Hearing, datetime], Awaitable[Detail | Refused]]
    show: Callable[[Transaction, UUID, datetime], Awaitable[View]]
    prefix: str = ""
    ready: Callable[[Transaction, Hearing, datetime], Awaitable[Refused | None]] = _always


SignVerb = Callable[[Transaction, Actor, SignCaseRequest, datetime], Awaitable[View | Refused]]


def sign_verb(kind: CaseKind[View]) -> SignVerb[View]:
    """The verb that approves or rejects a case of this kind over its canonical bytes.

    NOT_FOUND, INVALID (the reason), what `judge` names, what the kind's `ready` and `decide` refuse, SIGNATURE.
    """

    async def sign(tx: Transaction, actor: Actor, request: SignCaseRequest, now: datetime) -> View | Refused:
        hearing = await _hear(tx, kind, actor, request, now)
        if isinstance(hearing, Refused):
            return hearing
        signature = await verified_signature(tx, actor, request, hearing.digest)
        if signature is None:
            return Refused(R.SIGNATURE, field="signature")
        branch_id, role = hearing.row["branch_id"], hearing.verdict.role
        await record_sign_off(tx, kind.name, (request.id, branch_id), actor, request, (role, signature), now)
        told = await kind.decide(tx, hearing, now)
        if isinstance(told, Refused):
            return told
        detail = {"decision": request.decision, "role": role.value, "digest": hearing.digest, **told}
        await audit.append(tx, actor, branch_id, kind.tag, f"{kind.prefix}{request.id}", detail, now)
        return await kind.show(tx, request.id, now)

    return sign


async def _hear(
    tx: Transaction, kind: CaseKind[View], actor: Actor, request: SignCaseRequest, now: datetime
) -> Hearing | Refused:
    """Everything that may stand against this decision, but the signature."""
    row, refusal = await kind.lock(tx, request.id), reason_refusal(request.reason)
    if row is None:
        return Refused(R.NOT_FOUND)
    if refusal is not None:
        return refusal
    approvals = await approvals_of(tx, request.id)
    subject = subject_of(row, given(approvals), kind.open_state, kind.quorum)
    verdict = judge(subject, signer_of(actor, request, row["branch_id"], request.version), now)
    if isinstance(verdict, Refused):
        return verdict
    hearing = Hearing(
        row=row,
        actor=actor,
        request=request,
        verdict=verdict,
        digest=canonical.digest(await kind.sheet(tx, row)),
        before=frozenset(one["digest"] for one in approvals if one["stands"]),
    )
    refusal = await kind.ready(tx, hearing, now) if hearing.approves else None
    return hearing if refusal is None else refusal
