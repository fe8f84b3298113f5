"""What is said of the database, in both languages."""

from __future__ import annotations

from typing import Final

from server.health.finding import Case, Cases, Text
from shared.health import Level

_HIDDEN: Final = Case(
    level=Level.UNKNOWN,
    says=Text("PostgreSQL does not let this process see other sessions.", "PostgreSQL ไม่ให้โปรเซสนี้ดูเซสชันอื่น"),
    do=Text(
        "As a superuser: grant pg_read_all_stats to the administrator with admin option; then run: sheaf migrate.",
        "ให้ superuser รัน grant pg_read_all_stats แก่ผู้ดูแลฐานข้อมูล with admin option แล้วรัน sheaf migrate",
    ),
)

SCHEMA: Final = Cases(
    Text("Database", "ฐานข้อมูล"),
    {
        "well": Case(level=Level.WELL, says=Text("Reached; schema version {present}.", "ติดต่อได้ สคีมารุ่น {present}")),
        "other": Case(
            level=Level.BAD,
            says=Text(
                "The schema is of version {present}, this program needs {wanted} and its own functions.",
                "สคีมาเป็นรุ่น {present} แต่โปรแกรมนี้ต้องใช้รุ่น {wanted} พร้อมฟังก์ชันของรุ่นนี้",
            ),
            do=Text("Run: sheaf migrate.", "รัน: sheaf migrate"),
        ),
        "restoring": Case(
            level=Level.BAD,
            says=Text(
                "A backup is being restored here, or that was broken off: nobody works with it.",
                "กำลังกู้คืนข้อมูลสำรอง หรือการกู้คืนหยุดกลางคัน จึงไม่มีโปรเซสใดทำงานกับฐานนี้",
            ),
            do=Text(
                "When no restoration is at work any more, run it again: sheaf backup restore.",
                "ถ้าไม่มีการกู้คืนที่กำลังทำอยู่ ให้รันอีกครั้ง: sheaf backup restore",
            ),
        ),
    },
)

KEYS: Final = Cases(
    Text("Keys", "กุญแจ"),
    {
        "well": Case(
            level=Level.WELL,
            says=Text("They are the database's own.", "เป็นกุญแจของฐานข้อมูลนี้"),
        ),
        "unproved": Case(
            level=Level.WARNS,
            says=Text(
                "The database has nothing yet to prove keys by.",
                "ฐานข้อมูลยังไม่มีสิ่งที่ใช้พิสูจน์กุญแจ",
            ),
            do=Text("Run: sheaf migrate.", "รัน: sheaf migrate"),
        ),
        "other": Case(
            level=Level.BAD,
            says=Text(
                "keys.vault_key is not the key with which this database was written; nobody works with it.",
                "keys.vault_key ไม่ใช่กุญแจที่ใช้เขียนฐานข้อมูลนี้ จึงไม่มีโปรเซสใดทำงานด้วยกุญแจนี้",
            ),
            do=Text(
                "Put the keys.json back that belongs to this database.",
                "นำไฟล์ keys.json ของฐานข้อมูลนี้กลับมา",
            ),
        ),
    },
)

WRITES: Final = Cases(
    Text("Writing", "การเขียน"),
    {
        "well": Case(level=Level.WELL, says=Text("A write took {took} ms.", "เขียนได้ใน {took} ms")),
        "slow": Case(
            level=Level.WARNS,
            says=Text("A write took {took} ms.", "เขียนใช้เวลา {took} ms"),
            do=Text("See what else the database's disk is doing.", "ตรวจว่าดิสก์ของฐานข้อมูลกำลังทำอะไรอยู่"),
        ),
        "full": Case(
            level=Level.BAD,
            says=Text(
                "The database's disk is full: nothing can be written, no payment is taken.",
                "ดิสก์ของฐานข้อมูลเต็ม เขียนไม่ได้ รับรายการจ่ายไม่ได้",
            ),
            do=Text(
                "Make room on the database's disk (old backups and logs first; never files of pg_wal).",
                "เพิ่มที่ว่างในดิสก์ของฐานข้อมูล (ลบสำรองและบันทึกเก่าก่อน ห้ามลบไฟล์ใน pg_wal)",
            ),
        ),
        "read_only": Case(
            level=Level.BAD,
            says=Text("The database takes no writes: it is read-only.", "ฐานข้อมูลอ่านได้อย่างเดียว เขียนไม่ได้"),
            do=Text(
                "See whether it is a replica or was set read-only, and point database.url to the primary.",
                "ตรวจว่าเป็นตัวสำเนาหรือถูกตั้งให้อ่านอย่างเดียว แล้วชี้ database.url ไปที่ตัวหลัก",
            ),
        ),
    },
)

DISK: Final = Cases(
    Text("Disks", "ดิสก์"),
    {
        "well": Case(level=Level.WELL, says=Text("{subject}: {free} MB free.", "{subject}: ว่าง {free} MB")),
        "unseen": Case(
            level=Level.WELL,
            says=Text(
                "{subject}: can't be seen from here; that it takes 16 MB more is proved by database.writes.",
                "{subject}: ไม่อยู่บนเครื่องนี้หรือมองไม่เห็น ดูผลเขียน 16 MB ได้ที่ database.writes",
            ),
        ),
        "little": Case(
            level=Level.WARNS,
            says=Text("{subject}: only {free} MB free.", "{subject}: เหลือเพียง {free} MB"),
            do=Text("Make room, or give it a larger disk, this week.", "เพิ่มที่ว่างหรือเปลี่ยนดิสก์ภายในสัปดาห์นี้"),
        ),
        "full": Case(
            level=Level.BAD,
            says=Text("{subject}: only {free} MB free.", "{subject}: เหลือเพียง {free} MB"),
            do=Text(
                "Make room now; where the database can't write, no payment is taken.",
                "เพิ่มที่ว่างทันที ถ้าฐานข้อมูลเขียนไม่ได้จะรับรายการจ่ายไม่ได้",
            ),
        ),
    },
)

CLOCK: Final = Cases(
    Text("Clocks", "นาฬิกา"),
    {
        "well": Case(
            level=Level.WELL,
            says=Text("{subject}: {off} {side_en} the database's clock.", "{subject}: {side_th}นาฬิกาฐานข้อมูล {off}"),
        ),
        "off": Case(
            level=Level.WARNS,
            says=Text("{subject}: {off} {side_en} the database's clock.", "{subject}: {side_th}นาฬิกาฐานข้อมูล {off}"),
            do=Text("Let NTP run on both machines.", "เปิด NTP ทั้งสองเครื่อง"),
        ),
        "wrong": Case(
            level=Level.BAD,
            says=Text(
                "{subject}: {off} {side_en} the database's clock; desks and codes are refused.",
                "{subject}: {side_th}นาฬิกาฐานข้อมูล {off} เครื่องสาขาและรหัสจะถูกปฏิเสธ",
            ),
            do=Text(
                "Set the wrong clock (timedatectl) and let NTP run on both machines.",
                "ตั้งนาฬิกาที่ผิด (timedatectl) และเปิด NTP ทั้งสองเครื่อง",
            ),
        ),
    },
)

_WAITS: Final = Text(
    "Sessions that wait for a lock: {count}, the longest for {longest}; in their way: process {pids} of PostgreSQL.",
    "เซสชันที่รอล็อก {count} นานสุด {longest} ผู้ถือล็อก: โปรเซส {pids} ของ PostgreSQL",
)
_SEE_WHO: Final = Text(
    "See what it does (pg_stat_activity); end it with `select pg_terminate_backend(...)` when it is nobody's.",
    "ดูว่าทำอะไรอยู่ (pg_stat_activity) ถ้าไม่มีเจ้าของให้ `select pg_terminate_backend(...)`",
)
LOCKS: Final = Cases(
    Text("Locks", "ล็อก"),
    {
        "well": Case(
            level=Level.WELL,
            says=Text("Nobody waits long for a lock ({longest}).", "ไม่มีใครรอล็อกนาน ({longest})"),
        ),
        "some": Case(level=Level.WARNS, says=_WAITS, do=_SEE_WHO),
        "long": Case(level=Level.BAD, says=_WAITS, do=_SEE_WHO),
    },
)

_USED: Final = Text(
    "{used} of PostgreSQL's {most} connections are in use.", "ใช้การเชื่อมต่อ {used} จาก {most} ของ PostgreSQL"
)
_RAISE: Final = Text(
    "Find who holds them (pg_stat_activity), or raise max_connections.",
    "หาว่าใครถือไว้ (pg_stat_activity) หรือเพิ่ม max_connections",
)
SESSIONS: Final = Cases(
    Text("Connections", "การเชื่อมต่อ"),
    {
        "well": Case(level=Level.WELL, says=_USED),
        "many": Case(level=Level.WARNS, says=_USED, do=_RAISE),
        "full": Case(level=Level.BAD, says=_USED, do=_RAISE),
    },
)

_IDLE: Final = Text(
    "A session has done nothing in its transaction for {age}: what it holds is kept from everybody.",
    "มีเซสชันค้างในทรานแซกชันโดยไม่ทำอะไร {age} และกันข้อมูลไว้จากคนอื่น",
)
IDLE: Final = Cases(
    Text("Idle transactions", "ทรานแซกชันค้าง"),
    {
        "well": Case(
            level=Level.WELL,
            says=Text("No session idles in a transaction for long ({age}).", "ไม่มีทรานแซกชันค้างนาน ({age})"),
        ),
        "idle": Case(level=Level.WARNS, says=_IDLE, do=_SEE_WHO),
        "long": Case(level=Level.BAD, says=_IDLE, do=_SEE_WHO),
        "hidden": _HIDDEN,
    },
)

_HELD: Final = Text(
    "A transaction has been writing for {age}: desks do not hear of anything that came after it.",
    "มีทรานแซกชันที่เขียนค้างมา {age} เครื่องสาขาจะไม่ได้รับข่าวที่มาทีหลัง",
)
FEED: Final = Cases(
    Text("News for the desks", "ข่าวถึงเครื่องสาขา"),
    {
        "well": Case(
            level=Level.WELL,
            says=Text("Desks hear of everything ({age}).", "เครื่องสาขาได้รับข่าวครบ ({age})"),
        ),
        "late": Case(level=Level.WARNS, says=_HELD, do=_SEE_WHO),
        "held_up": Case(level=Level.BAD, says=_HELD, do=_SEE_WHO),
        "hidden": _HIDDEN,
    },
)
