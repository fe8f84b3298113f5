"""The processes: who lives by name, who has fallen silent, and whose log lines are lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from server.health import store
from server.health.beats import LATE
from server.health.finding import SECONDS, Case, Check, Finding, Ground, Text
from server.health.rules import Heard, graded, life_of, lives
from server.statements.store import ONE_WORKER
from shared.health import Level

_STARTING: Final = timedelta(seconds=30)
"""So long a statements worker may take until it works."""
_LEASE_LATE: Final = timedelta(seconds=20)
"""Longer than an executor's lease lasts: others have taken its payments over, and it takes no new ones."""

_LIVES: Final = Case(
    level=Level.WELL,
    says=Text("{subject} lives (process {pid} on {host}).", "{subject} ทำงานอยู่ (โปรเซส {pid} บน {host})"),
)
_STOPPED: Final = Case(
    level=Level.WARNS,
    says=Text("{subject} was stopped {age} ago.", "{subject} ถูกหยุดมา {age} แล้ว"),
    do=Text(
        "Start it again, or run `sheaf status --forget {subject}` when it shall not come back.",
        "เปิดใหม่ หรือรัน `sheaf status --forget {subject}` ถ้าจะไม่ใช้อีก",
    ),
)
_SILENT: Final = Case(
    level=Level.BAD,
    says=Text(
        "{subject} was last heard {age} ago and did not say that it ends: it was killed, hangs, or can't write to the"
        " database (process {pid} on {host}).",
        "{subject} เงียบไป {age} โดยไม่ได้แจ้งว่าจบ: ถูกฆ่า ค้าง หรือเขียนฐานข้อมูลไม่ได้ (โปรเซส {pid} บน {host})",
    ),
    do=Text(
        "Look at its log and start it again; `sheaf status --forget {subject}` when it shall not come back.",
        "ดูบันทึกแล้วเปิดใหม่ ถ้าจะไม่ใช้อีกให้รัน `sheaf status --forget {subject}`",
    ),
)


def _named(check: Check, known: Sequence[Heard]) -> list[Finding]:
    """One finding for each name."""
    return [
        check.found(
            life_of(one, LATE),
            one.name,
            since=one.stopped_at or (None if lives(one, LATE) else one.heard_at),
            value=int(one.silent.total_seconds()),
            age=one.silent,
            pid=one.pid,
            host=one.host,
        )
        for one in known
    ]


async def _executors(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look() as tx:
        known = await store.processes(tx, "executor")
        leases = await store.executor_leases(tx)
        there = await store.database_time(tx)
    nobody = [] if any(lives(one, LATE) for one in known) else [check.found("nobody")]
    found = []
    for one in known:
        # By its own clock, as the lease is written. Without one it begins, or begins anew: it is no executor.
        lease = leases.get(_number(one.facts, "executor"))
        late = there + one.apart - (lease or one.started_at)
        why = str(one.facts.get("waits") or "")
        if lives(one, LATE) and why:
            found.append(check.found("waits", one.name, why=why))
        elif lives(one, LATE) and late > _LEASE_LATE:
            found.append(check.found("unleased", one.name, since=lease))
        else:
            found += _named(check, [one])
    return [*nobody, *found]


async def _statements(ground: Ground, check: Check) -> list[Finding]:
    """Of several one works, which holds their lock; when none holds it nobody does, however many live."""
    async with ground.look() as tx:
        known = await store.processes(tx, "statements")
        works = await store.holds_lock(tx, ONE_WORKER)
        there = await store.database_time(tx)
    living = [one for one in known if lives(one, LATE)]
    if not living:
        return [check.found("nobody"), *_named(check, known)]
    begun = min(one.started_at - one.apart for one in living)
    idle = [] if works or there - begun < _STARTING else [check.found("idle", since=begun)]
    return [*idle, *_named(check, known)]


async def _api(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look() as tx:
        known = await store.processes(tx, "api")
    if not known:
        return [check.found("nobody")]
    places: dict[str, list[Heard]] = {}
    for one in known:
        places.setdefault(f"{one.host}:{one.place}", []).append(one)
    return [_place(check, place, workers) for place, workers in sorted(places.items())]


def _place(check: Check, place: str, workers: Sequence[Heard]) -> Finding:
    """The workers of one port together: a master replaces one that ended, so only their number counts."""
    living = [one for one in workers if lives(one, LATE)]
    wanted = max((_number(one.facts, "workers") for one in living or workers), default=1) or 1
    if living:
        return check.found(
            "some" if len(living) < wanted else "lives", place, value=len(living), alive=len(living), wanted=wanted
        )
    stopped = [one.stopped_at for one in workers if one.stopped_at is not None]
    since = max(stopped) if len(stopped) == len(workers) else max(one.heard_at for one in workers)
    return check.found("stopped" if len(stopped) == len(workers) else "silent", place, since=since, value=0, at=since)


async def _answers(ground: Ground, check: Check) -> list[Finding]:
    """Ask the port that the settings name, and whether what answers there works for this database."""
    if ground.settings is None:
        return [check.found("here", ground.who)]
    import httpx

    url = f"http://{ground.settings.api.host}:{ground.settings.api.port}"
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=SECONDS * 0.9) as client:
            answer = await client.get(f"{url}/readyz")
            told = answer.json()
    except httpx.HTTPError as error:
        why = _REFUSED if isinstance(error, httpx.ConnectError) else _HANGS
        return [check.found("silent", url, why_en=why.en, why_th=why.th)]
    except ValueError:
        return [check.found("foreign", url)]
    if not isinstance(told, dict) or "instance" not in told:
        return [check.found("foreign", url)]
    async with ground.look() as tx:
        ours = await store.knows_instance(tx, str(told["instance"]))
    lacks = ", ".join(name for name, well in told.items() if well is False)
    if not ours and not lacks:
        return [check.found("stranger", url)]
    return [check.found("not_ready", url, lacks=lacks) if lacks else check.found("ready", url)]


async def _push(ground: Ground, check: Check) -> list[Finding]:
    """Only what lives tells; that nothing lives is another check's."""
    async with ground.look() as tx:
        known = [one for one in await store.processes(tx, "api") if lives(one, LATE)]
    found = [check.found("silent" if one.facts.get("push_silent") is True else "well", one.name) for one in known]
    return found or [check.found("untold")]


async def _log_lines(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look() as tx:
        known = [one for one in await store.processes(tx) if lives(one, LATE)]
    found = []
    for one in known:
        lost = _number(one.facts, "log_lines_lost")
        case = "well" if graded(lost, check.warns, check.bad) is Level.WELL else "lost"
        found.append(check.found(case, one.name, value=lost, lost=lost))
    return found or [check.found("untold")]


def _number(facts: Mapping[str, object], name: str) -> int:
    value = facts.get(name, 0)
    return value if isinstance(value, int) else 0


_REFUSED: Final = Text("nothing listens there", "ไม่มีสิ่งใดรออยู่ที่นั่น")
_HANGS: Final = Text("what listens there does not answer", "มีสิ่งที่รออยู่แต่ไม่ตอบ")
CHECKS: Final = (
    Check(
        name="processes.api",
        title=Text("API", "API"),
        measures="workers of a port that were heard in the last 7 seconds",
        unit="workers",
        cases={
            "lives": Case(
                level=Level.WELL,
                says=Text("{alive} of {wanted} workers serve {subject}.", "{subject}: ทำงาน {alive} จาก {wanted} ตัว"),
            ),
            "some": Case(
                level=Level.WARNS,
                says=Text(
                    "Only {alive} of {wanted} workers serve {subject}.", "{subject}: ทำงานเพียง {alive} จาก {wanted} ตัว"
                ),
                do=Text(
                    "One is being replaced; if this stays, look at the log of `sheaf serve` and restart it.",
                    "กำลังเปลี่ยนตัวใหม่ ถ้ายังเป็นอยู่ ให้ดูบันทึกของ `sheaf serve` แล้วเปิดใหม่",
                ),
            ),
            "silent": Case(
                level=Level.BAD,
                says=Text(
                    "No worker serves {subject} any more; the last was heard {at}.",
                    "ไม่มีตัวใดให้บริการ {subject} แล้ว ได้ยินครั้งสุดท้าย {at}",
                ),
                do=Text("Start it again: sheaf serve.", "เปิดใหม่: sheaf serve"),
            ),
            "stopped": Case(
                level=Level.BAD,
                says=Text("The API of {subject} was stopped {at}.", "API ของ {subject} ถูกหยุดเมื่อ {at}"),
                do=Text(
                    "Start it again (sheaf serve), or forget its names with `sheaf status --forget`.",
                    "เปิดใหม่ (sheaf serve) หรือลืมชื่อด้วย `sheaf status --forget`",
                ),
            ),
            "nobody": Case(
                level=Level.BAD,
                says=Text("No API works for this database.", "ไม่มี API ที่ทำงานกับฐานข้อมูลนี้"),
                do=Text("Start it: sheaf serve.", "เปิด: sheaf serve"),
            ),
        },
        read=_api,
    ),
    Check(
        name="api.answers",
        title=Text("API's port", "พอร์ตของ API"),
        measures="whether what listens where the settings say is ready, and works for this database",
        cases={
            "ready": Case(level=Level.WELL, says=Text("{subject} is ready.", "{subject} พร้อมให้บริการ")),
            "here": Case(level=Level.WELL, says=Text("{subject} answers this.", "{subject} เป็นผู้ตอบ")),
            "not_ready": Case(
                level=Level.BAD,
                says=Text("{subject} is not ready; it lacks: {lacks}.", "{subject} ยังไม่พร้อม ขาด: {lacks}"),
                do=Text(
                    "database, writes: see the database below; schema: sheaf migrate; push: restart it.",
                    "database, writes: ดูฐานข้อมูล; schema: sheaf migrate; push: เปิดใหม่",
                ),
            ),
            "silent": Case(
                level=Level.BAD,
                says=Text("Nothing answers at {subject}: {why_en}.", "ไม่มีใครตอบที่ {subject}: {why_th}"),
                do=Text(
                    "Start it (sheaf serve); if it runs, restart it, and compare [api] host and port.",
                    "เปิด (sheaf serve) ถ้าเปิดอยู่ให้เปิดใหม่ และตรวจ [api] host กับ port",
                ),
            ),
            "foreign": Case(
                level=Level.BAD,
                says=Text("What answers at {subject} is not Sheaf.", "สิ่งที่ตอบที่ {subject} ไม่ใช่ Sheaf"),
                do=Text("Give one of the two another port ([api] port).", "เปลี่ยนพอร์ตของอย่างใดอย่างหนึ่ง ([api] port)"),
            ),
            "stranger": Case(
                level=Level.BAD,
                says=Text(
                    "What answers at {subject} works for another database than this one.",
                    "สิ่งที่ตอบที่ {subject} ทำงานกับฐานข้อมูลอื่น ไม่ใช่ฐานนี้",
                ),
                do=Text(
                    "Stop it, or give it another port; compare database.url of both settings.",
                    "หยุดมัน หรือเปลี่ยนพอร์ต และเทียบ database.url ของทั้งสอง",
                ),
            ),
        },
        read=_answers,
    ),
    Check(
        name="api.push",
        title=Text("Revocations", "การเพิกถอน"),
        measures="whether a worker of the API hears at once who is shut out",
        cases={
            "well": Case(
                level=Level.WELL,
                says=Text("{subject} hears of revocations.", "{subject} ได้รับข่าวการเพิกถอน"),
            ),
            "silent": Case(
                level=Level.BAD,
                says=Text(
                    "{subject} does not hear of revocations: it takes no money verbs.",
                    "{subject} ไม่ได้รับข่าวการเพิกถอน จึงไม่รับรายการเงิน",
                ),
                do=Text(
                    "It listens on a direct connection: see that the database is reached without a pooler in between.",
                    "ต้องต่อฐานข้อมูลโดยตรง ตรวจว่าไม่มี pooler คั่น",
                ),
            ),
            "untold": Case(
                level=Level.UNKNOWN,
                says=Text("No worker of the API lives.", "ไม่มี API ที่ทำงานอยู่"),
                do=Text("Start it: sheaf serve.", "เปิด: sheaf serve"),
            ),
        },
        read=_push,
    ),
    Check(
        name="processes.executors",
        title=Text("Executors", "ตัวส่งเงิน"),
        measures="seconds since an executor was heard",
        unit="s",
        bad=int(LATE.total_seconds()),
        cases={
            "lives": _LIVES,
            "stopped": _STOPPED,
            "silent": _SILENT,
            "unleased": Case(
                level=Level.BAD,
                says=Text(
                    "{subject} lives and pays nothing: its lease has run out, or it gets none.",
                    "{subject} ทำงานอยู่แต่ไม่จ่ายเงิน: สิทธิ์หมดอายุ หรือขอสิทธิ์ไม่ได้",
                ),
                do=Text(
                    "See why in its log (lines `begins anew`), and restart it; another one goes on meanwhile.",
                    "ดูสาเหตุในบันทึก (บรรทัด `begins anew`) แล้วเปิดใหม่ ระหว่างนี้ตัวอื่นทำต่อ",
                ),
            ),
            "waits": Case(
                level=Level.BAD,
                says=Text("{subject} lives and pays nothing: {why}.", "{subject} ทำงานอยู่แต่ไม่จ่ายเงิน: {why}"),
                do=Text(
                    "Make room or give it back its rights there; it goes on by itself.",
                    "เพิ่มที่ว่างหรือคืนสิทธิ์ให้ไฟล์นั้น แล้วระบบทำต่อเอง",
                ),
            ),
            "nobody": Case(
                level=Level.BAD,
                says=Text("No executor lives: no payment leaves.", "ไม่มีตัวส่งเงินทำงาน เงินจะไม่ออก"),
                do=Text("Start one: sheaf worker payments.", "เปิด: sheaf worker payments"),
            ),
        },
        read=_executors,
    ),
    Check(
        name="processes.statements",
        title=Text("Statements worker", "ตัวรับรายการเดินบัญชี"),
        measures="seconds since the statements worker was heard",
        unit="s",
        bad=int(LATE.total_seconds()),
        cases={
            "lives": _LIVES,
            "stopped": _STOPPED,
            "silent": _SILENT,
            "idle": Case(
                level=Level.BAD,
                says=Text(
                    "Statements workers live, and none of them works.",
                    "ตัวรับรายการเดินบัญชีทำงานอยู่ แต่ไม่มีตัวใดรับงาน",
                ),
                do=Text("See their logs; restart them.", "ดูบันทึก แล้วเปิดใหม่"),
            ),
            "nobody": Case(
                level=Level.BAD,
                says=Text(
                    "No statements worker lives: what the bank did is not known.",
                    "ไม่มีตัวรับรายการเดินบัญชีทำงาน จึงไม่รู้ว่าธนาคารทำอะไรไป",
                ),
                do=Text("Start one: sheaf worker statements.", "เปิด: sheaf worker statements"),
            ),
        },
        read=_statements,
    ),
    Check(
        name="logs.lost",
        title=Text("Log lines", "บรรทัดบันทึก"),
        measures="log lines that a living process could not write since it started",
        unit="lines",
        warns=1,
        cases={
            "well": Case(level=Level.WELL, says=Text("{subject} lost no log line.", "{subject} ไม่เสียบันทึกสักบรรทัด")),
            "lost": Case(
                level=Level.WARNS,
                says=Text(
                    "{subject} could not write {lost} log lines: its disk is full, or nobody reads its output.",
                    "{subject} เขียนบันทึกไม่ได้ {lost} บรรทัด: ดิสก์เต็ม หรือไม่มีใครอ่านเอาต์พุต",
                ),
                do=Text(
                    "Make room where the logs are kept; restart the process to begin the count anew.",
                    "เพิ่มที่ว่างสำหรับบันทึก แล้วเปิดโปรเซสใหม่เพื่อเริ่มนับใหม่",
                ),
            ),
            "untold": Case(
                level=Level.UNKNOWN,
                says=Text("No process lives that could tell of lost log lines.", "ไม่มีโปรเซสทำงานอยู่ จึงไม่ทราบ"),
                do=Text(
                    "Start them: sheaf serve, sheaf worker payments, sheaf worker statements.",
                    "เปิด: sheaf serve, sheaf worker payments, sheaf worker statements",
                ),
            ),
        },
        read=_log_lines,
    ),
)
