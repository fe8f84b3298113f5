"""Operation tokens: minted after a verb's challenge, used up in the transaction of the verb's effect."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from server.context import Actor, Vault
from server.database.keys import unsealed_text
from server.database.transaction import Transaction
from server.identity import rules, second_factor, session_store, store
from server.identity.signatures import from_base64, signature_fits
from server.identity.tokens import OperationClaims, keys_of, resources_digest
from server.wire_time import wire_time
from shared.canonical import operation_bytes
from shared.refusals import RefusalCode, Refused
from shared.wire.auth import MintReply, MintRequest
from shared.wire.table import BY_NAME, Challenge


async def mint_operation_token(
    tx: Transaction, actor: Actor, request: MintRequest, now: datetime
) -> MintReply | Refused:
    """The one-time token for one action.

    Refuses FORBIDDEN, DEVICE_UNKNOWN, SIGNATURE, CODE_NEEDED, CODE_WRONG and LOCKED.
    """
    verb = BY_NAME.get(request.verb)
    if verb is None or verb.challenge is Challenge.NONE or not all(map(_plain, request.resources)):
        return Refused(RefusalCode.INVALID, field="verb" if verb is None else "resources", params={"problem": "-"})
    if verb.permission is not None and not actor.may(verb.permission):
        return Refused(RefusalCode.FORBIDDEN)
    desk = await store.device(tx, actor.device)
    signature = from_base64(request.signature)
    signed = operation_bytes(request.verb, request.resources, request.content_digest)
    # Looked at here, and not only where calls are admitted: this worker may not have heard of a revocation yet.
    if desk is None or desk["state"] != "approved":
        return Refused(RefusalCode.DEVICE_UNKNOWN)
    if not signature_fits(desk["public_key"], signature, signed):
        return Refused(RefusalCode.SIGNATURE, field="signature")
    with_code = verb.challenge is Challenge.DEVICE_AND_CODE
    if with_code:
        refused = await _check_code(tx, actor, request.totp, now)
        if refused is not None:
            return refused
    claims = OperationClaims(
        sub=actor.user,
        did=actor.device,
        verb=request.verb,
        resources=resources_digest(request.resources),
        content=request.content_digest,
        jti=tx.services.new_id(now),
        iat=now.timestamp(),
        exp=(now + rules.OPERATION_TOKEN_LIFE).timestamp(),
    )
    await session_store.add_operation_token(
        tx,
        token_id=claims.jti,
        branch_id=actor.branch_id,
        user_id=claims.sub,
        device_id=claims.did,
        verb=claims.verb,
        resources_digest=claims.resources,
        content_digest=claims.content,
        signature=signature,
        with_code=with_code,
        now=now,
        expires_at=now + rules.OPERATION_TOKEN_LIFE,
    )
    return MintReply(
        operation_token=keys_of(tx.services.vault).issue(claims), expires_at=wire_time(now + rules.OPERATION_TOKEN_LIFE)
    )


async def use_operation_token(
    tx: Transaction,
    actor: Actor,
    token: str,
    *,
    verb: str,
    resources: list[str],
    content_digest: str,
    now: datetime,
) -> Refused | None:
    """Use up the token for exactly this action, or say why not. A rollback of the transaction gives it back."""
    token_id = read_operation_token(
        tx.services.vault, actor, token, verb=verb, resources=resources, content_digest=content_digest, now=now
    )
    if isinstance(token_id, Refused):
        return token_id
    if not await session_store.use_operation_token(tx, token_id, now):
        return Refused(RefusalCode.OPERATION_TOKEN_USED)
    return None


def read_operation_token(
    vault: Vault, actor: Actor, token: str, *, verb: str, resources: list[str], content_digest: str, now: datetime
) -> UUID | Refused:
    """The id of a token that is ours, alive and made for exactly this action; whether it was used is not known yet."""
    if not token:
        return Refused(RefusalCode.OPERATION_TOKEN_MISSING)
    claims = keys_of(vault).read(token, OperationClaims, now)
    if claims is None:
        return Refused(RefusalCode.OPERATION_TOKEN_INVALID)
    made_for = (claims.sub, claims.did, claims.verb, claims.resources, claims.content)
    if made_for != (actor.user_id, actor.device_id, verb, resources_digest(resources), content_digest):
        return Refused(RefusalCode.OPERATION_TOKEN_MISMATCH)
    return claims.jti


async def _check_code(tx: Transaction, actor: Actor, code: str, now: datetime) -> Refused | None:
    """A step is accepted once; five wrong codes lock, and are remembered although the call is refused."""
    if not code:
        return Refused(RefusalCode.CODE_NEEDED, field="totp")
    factor = await store.factor_for_update(tx, actor.user)
    until = factor["locked_until"]
    if until is not None and until > now:
        return Refused(RefusalCode.LOCKED, params={"minutes": rules.minutes_left(until, now)})
    step = second_factor.matching_step(await unsealed_text(tx, factor["totp_secret"]), code, now)
    if step is not None and await store.use_step(tx, actor.user, actor.branch_id, step):
        await store.set_factor_counters(tx, actor.user, 0, None)
        return None
    tx.remember = True
    wrong = factor["wrong_codes"] + 1
    locks = wrong >= rules.TRIES
    await store.set_factor_counters(tx, actor.user, 0 if locks else wrong, now + rules.LOCK if locks else None)
    return Refused(RefusalCode.CODE_WRONG, field="totp", params={"left": str(rules.TRIES - wrong)})


def _plain(resource: str) -> bool:
    # The desk signs the resources joined by commas: one with a comma or a line break could stand for two.
    return bool(resource) and resource.isprintable() and "," not in resource
