"""What a desk asks for again and again: everything that changed since its cursor."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog

from server.bank_changes.views import bank_change_views
from server.context import Actor, Policy
from server.database.transaction import Transaction
from server.members.views import member_views
from server.payments.rules import NEW_ACCOUNT
from server.payments.views import batch_views, intent_views
from server.restore import store as restore
from server.restore.rules import Kind, Witness
from server.routing.channel_alarms import alarms
from server.sync import store
from server.treasury.funding_store import funding_views
from server.wire_time import wire_time
from shared.permissions import Permission
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.records import PolicyView, SyncReply, SyncRequest

_log = structlog.get_logger(__name__)


async def sync(tx: Transaction, actor: Actor, request: SyncRequest, now: datetime) -> SyncReply | Refused:
    """One page of what changed in the actor's branches, as it stands now, and the cursor to go on from.

    Of kinds that the actor may not read there is nothing, though the cursor passes them.
    CURSOR for what is no cursor; CURSOR_GONE for one of another history or from the server's future: its database was
    moved or restored, and the desk begins anew with an empty cursor.
    """
    after = store.parse_cursor(request.cursor)
    if after is None:
        return Refused(R.CURSOR, field="cursor")
    # Read before the page: everything below it is committed by then, and is seen by every statement that follows.
    seen = await store.look(tx, after)
    if seen.standing is not store.Standing.GOES_ON:
        _log.warning("a desk begins anew", standing=seen.standing.value)
        await _tell_of_loss(tx, actor, after, seen, now)
        return Refused(R.CURSOR_GONE, field="cursor")
    before = seen.before
    changes = await store.changes_after(tx, after, before, request.limit + 1)
    more = len(changes) > request.limit
    changes = changes[: request.limit]

    def ids(entity: str, permission: Permission) -> list[UUID]:
        return store.ids_of(changes, entity) if actor.may(permission) else []

    reached = changes[-1].position if changes else after
    return SyncReply(
        cursor=reached.cursor(seen.life, tx.vault),
        more=more,
        remaining=await store.how_many_after(tx, reached, before) if more else 0,
        server_time=wire_time(now),
        members=await member_views(tx, ids("member", Permission.READ_MEMBERS), now),
        intents=await intent_views(tx, ids("intent", Permission.READ_INTENTS)),
        batches=await batch_views(tx, ids("batch", Permission.READ_INTENTS)),
        bank_changes=await bank_change_views(tx, ids("bank_change", Permission.READ_BANK_CHANGES)),
        funding=await funding_views(tx, ids("funding", Permission.READ_FUNDING)),
        alarms=await alarms(tx, now) if not more and actor.may(Permission.READ_INTENTS) else [],
        policy=None if more else _policy(tx.services.policy),
    )


def _policy(policy: Policy) -> PolicyView:
    return PolicyView(
        name_match_minimum=policy.name_match_minimum,
        check_seconds=int(policy.check_life.total_seconds()),
        duplicate_days=policy.duplicate_window.days,
        new_account_days=NEW_ACCOUNT.days,
        production_accounts=policy.production_accounts,
    )


async def _tell_of_loss(tx: Transaction, actor: Actor, after: store.Position, seen: store.Look, now: datetime) -> None:
    """A place that this installation gave, and that this database has not reached: it was put back to an earlier state.

    Remembered although the call is refused: payments stand still until people agree.
    """
    if seen.standing is not store.Standing.AHEAD or not after.is_ours(tx.vault):
        return
    witness = Witness(Kind.DESK, f"desk {actor.device_id}", f"turn {after.turn}, here before {seen.before}")
    if await restore.tell(tx, [witness], now):
        _log.error("a desk has seen what this database has not", device=str(actor.device_id))
    tx.remember = True
