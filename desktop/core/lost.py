"""What a desk was told is done, and a server that was put back does not know: it is listed, and may be offered again.

Under its old key it has its old name at the bank: what was paid meanwhile is found there, and not paid again.
"""

from __future__ import annotations

from typing import Final

import msgspec

from desktop.core.answers import Problem
from desktop.core.store.cache import Cache
from desktop.core.store.entities import BY_NAME
from desktop.core.store.outbox import EventState, Outbox, PendingEvent

LOST: Final = Problem(
    code="restore.lost",
    status=410,
    detail_en="The server was restored from an older copy and does not know this any more. Send it again: it is never "
    "paid twice. Ask head office first whether it was paid.",
    detail_th="เซิร์ฟเวอร์ถูกกู้คืนจากสำเนาเก่าและไม่รู้จักรายการนี้แล้ว ส่งใหม่ได้โดยไม่จ่ายซ้ำ และควรถามสำนักงานใหญ่ก่อนว่าจ่ายไปแล้วหรือไม่",
    who_can_fix="caller",
)


class _Answered(msgspec.Struct):
    kind: str = ""
    id: str = ""


async def list_lost(cache: Cache, outbox: Outbox, user_id: str) -> int:
    """Put what this person's desk has as done and a whole new pull has not brought before their eyes; how many."""
    lost = 0
    for event in await outbox.events((EventState.DONE,)):
        if event.user_id == user_id and await _is_lost(cache, event):
            await outbox.lose(event.id, msgspec.json.encode(LOST))
            lost += 1
    return lost


async def _is_lost(cache: Cache, event: PendingEvent) -> bool:
    answered = msgspec.json.decode(event.answer, type=_Answered) if event.answer else _Answered()
    return answered.kind in BY_NAME and await cache.get(answered.kind, answered.id) is None
