"""What is said of payments that don't leave, in both languages."""

from __future__ import annotations

from typing import Final

from server.health.finding import Case, Cases, Text
from shared.health import Level
from shared.refusals import Fixer

_NOTHING_LEAVES: Final = Text(
    "Nothing leaves by {subject}: {why_en}. Payments that wait: {waiting}.",
    "จ่ายทาง {subject} ไม่ได้: {why_th} รออยู่ {waiting} รายการ",
)
_MEND: Final = Text(
    "Mend the cause; what waits is paid by itself then. Make no payment anew.",
    "แก้สาเหตุ แล้วรายการที่รอจะจ่ายเอง ไม่ต้องทำใหม่",
)
_START: Final = Text(
    "Start an executor that has this channel in its settings: sheaf worker payments.",
    "เปิดตัวส่งเงินที่ตั้งค่าช่องทางนี้ไว้: sheaf worker payments",
)
_COMPARE: Final = Text(
    "Run: sheaf restore compare; two people of head office then agree to what it lists, on the page After a restore.",
    "รัน: sheaf restore compare แล้วให้สองคนของสำนักงานใหญ่อนุมัติรายการที่พบ ในหน้า หลังกู้คืนข้อมูล",
)
_STANDS: Final = Case(level=Level.BAD, says=_NOTHING_LEAVES, do=_MEND)

CHANNELS: Final = Cases(
    Text("Channels", "ช่องทางจ่าย"),
    {
        "well": Case(
            level=Level.WELL,
            says=Text("{subject} works; payments that wait: {waiting}.", "{subject} ใช้ได้ รออยู่ {waiting} รายการ"),
        ),
        "open": _STANDS,
        "half_open": Case(
            level=Level.WARNS,
            says=Text(
                "{subject} is being tried again after: {why_en}. Payments that wait: {waiting}.",
                "กำลังลองช่องทาง {subject} อีกครั้งหลังจาก: {why_th} รออยู่ {waiting} รายการ",
            ),
            do=_MEND,
        ),
        "behind": Case(level=Level.BAD, says=_NOTHING_LEAVES, do=_COMPARE),
        "absent": Case(level=Level.BAD, says=_NOTHING_LEAVES, do=_START),
        "silent": Case(level=Level.BAD, says=_NOTHING_LEAVES, do=_START),
        "untold": Case(
            level=Level.UNKNOWN,
            says=Text("No living executor has told of any channel.", "ไม่มีตัวส่งเงินที่ทำงานอยู่บอกสถานะช่องทาง"),
            do=_START,
        ),
    },
)

LANES: Final = Cases(
    Text("Queues", "คิวจ่าย"),
    {
        "empty": Case(level=Level.WELL, says=Text("No signed payment waits.", "ไม่มีรายการอนุมัติแล้วที่ค้างส่ง")),
        "moves": Case(
            level=Level.WELL,
            says=Text(
                "{subject}: payments that wait to be sent: {waiting}, the oldest for {age}.",
                "{subject}: รอส่ง {waiting} รายการ เก่าสุด {age}",
            ),
        ),
        "closed": Case(
            level=Level.WELL,
            says=Text(
                "{subject}: outside the channel's hours; payments that wait: {waiting}.",
                "{subject}: นอกเวลาทำการของช่องทาง รออยู่ {waiting} รายการ",
            ),
        ),
        "slow": Case(
            level=Level.WARNS,
            says=Text(
                "{subject}: payments that wait to be sent: {waiting}, the oldest for {age}.",
                "{subject}: รอส่ง {waiting} รายการ เก่าสุด {age}",
            ),
            do=Text(
                "See whether the bank is slow (payments.channels) or one more executor is needed.",
                "ดูว่าธนาคารช้า (payments.channels) หรือต้องเพิ่มตัวส่งเงิน",
            ),
        ),
        "stuck": Case(
            level=Level.BAD,
            says=Text(
                "{subject} does not move: payments that wait to be sent: {waiting}, the oldest for {age}.",
                "{subject} ไม่ขยับ: รอส่ง {waiting} รายการ เก่าสุด {age}",
            ),
            do=Text(
                "See the channel and the executors above; restart an executor that lives and sends nothing.",
                "ดูช่องทางและตัวส่งเงินด้านบน ถ้าทำงานแต่ไม่ส่ง ให้เปิดใหม่",
            ),
        ),
    },
)

DOUBT: Final = Cases(
    Text("In doubt", "ไม่ทราบผล"),
    {
        "none": Case(level=Level.WELL, says=Text("No payment is in doubt.", "ไม่มีรายการที่ไม่ทราบผล")),
        "asked": Case(
            level=Level.WARNS,
            says=Text(
                "{subject}: payments in doubt: {count}, {total} THB, the oldest for {age}; the bank is being asked.",
                "{subject}: ไม่ทราบผล {count} รายการ {total} บาท เก่าสุด {age} กำลังถามธนาคาร",
            ),
            do=Text("Wait; pay none of them again.", "รอ และห้ามจ่ายซ้ำ"),
            who=Fixer.TREASURER,
        ),
        "many": Case(
            level=Level.BAD,
            says=Text(
                "{subject}: payments in doubt: {count}, {total} THB, the oldest for {age}.",
                "{subject}: ไม่ทราบผล {count} รายการ {total} บาท เก่าสุด {age}",
            ),
            do=Text(
                "Call the bank with the references on the page In doubt; pay none of them again.",
                "โทรหาธนาคารพร้อมเลขอ้างอิงในหน้าไม่ทราบผล และห้ามจ่ายซ้ำ",
            ),
            who=Fixer.TREASURER,
        ),
        "told": Case(
            level=Level.BAD,
            says=Text(
                "{subject}: payments in doubt: {count}, {total} THB; a business day has passed without a word.",
                "{subject}: ไม่ทราบผล {count} รายการ {total} บาท ผ่านไปหนึ่งวันทำการแล้วธนาคารยังไม่ตอบ",
            ),
            do=Text(
                "Ask the bank for proof of each reference (page In doubt); pay none of them again.",
                "ขอหลักฐานของแต่ละเลขอ้างอิงจากธนาคาร (หน้าไม่ทราบผล) และห้ามจ่ายซ้ำ",
            ),
            who=Fixer.TREASURER,
        ),
    },
)

MISMATCHED: Final = Cases(
    Text("Our references at the bank", "เลขอ้างอิงของเราที่ธนาคาร"),
    {
        "none": Case(
            level=Level.WELL,
            says=Text("The bank has nothing else under a reference of ours.", "ธนาคารไม่มีรายการอื่นใต้เลขอ้างอิงของเรา"),
        ),
        "other": Case(
            level=Level.BAD,
            says=Text(
                "{subject}: payments under whose reference the bank has another amount or payee: {count}, {total} THB;"
                " nothing ends them by itself.",
                "{subject}: ธนาคารมียอดเงินหรือผู้รับอื่นใต้เลขอ้างอิงของ {count} รายการ {total} บาท ระบบจะไม่ปิดรายการเหล่านี้เอง",
            ),
            do=Text(
                "Ask the bank what it has under each reference (page In doubt) and who asked for it: another"
                " installation, or a database that was put back. Pay none of them again until that is known.",
                "ถามธนาคารว่าแต่ละเลขอ้างอิง (หน้าไม่ทราบผล) คือรายการใดและใครสั่ง: ระบบอีกชุดหนึ่ง หรือฐานข้อมูลที่ถูกกู้คืน"
                " ห้ามจ่ายซ้ำจนกว่าจะรู้",
            ),
            who=Fixer.TREASURER,
        ),
    },
)

UNDER_WAY: Final = Cases(
    Text("Under way", "กำลังส่ง"),
    {
        "none": Case(level=Level.WELL, says=Text("No payment is under way.", "ไม่มีรายการที่กำลังส่ง")),
        "well": Case(
            level=Level.WELL,
            says=Text("{subject}: payments under way: {count}.", "{subject}: กำลังส่ง {count} รายการ"),
        ),
        "unasked": Case(
            level=Level.BAD,
            says=Text(
                "{subject}: payments are under way ({count}) that nobody asks the bank about.",
                "{subject}: มีรายการกำลังส่ง ({count}) ที่ไม่มีใครถามผลกับธนาคาร",
            ),
            do=Text(
                "Restart the executor that has them; another takes them over.",
                "เปิดตัวส่งเงินใหม่ ตัวอื่นจะรับช่วงต่อ",
            ),
        ),
        "untended": Case(
            level=Level.BAD,
            says=Text(
                "{subject}: payments are under way ({count}), and no living executor has this channel.",
                "{subject}: มีรายการกำลังส่ง ({count}) แต่ไม่มีตัวส่งเงินที่ใช้ช่องทางนี้",
            ),
            do=_START,
        ),
    },
)

_ENDED: Final = Text(
    "{subject}, last hour: failed {failed}, cancelled by the executor {cancelled}, ran out {expired}, paid {good}.",
    "{subject} ชั่วโมงล่าสุด: ไม่สำเร็จ {failed} ยกเลิกโดยตัวส่งเงิน {cancelled} หมดอายุ {expired} จ่ายแล้ว {good}",
)
ENDINGS: Final = Cases(
    Text("Endings", "ผลการจ่าย"),
    {
        "none": Case(
            level=Level.WELL,
            says=Text("No signed payment ended in the last hour.", "ชั่วโมงล่าสุดไม่มีรายการอนุมัติแล้วที่จบ"),
        ),
        "well": Case(level=Level.WELL, says=_ENDED),
        "some": Case(
            level=Level.WARNS,
            says=_ENDED,
            do=Text("Look at their reasons on the page Payments.", "ดูสาเหตุในหน้ารายการจ่าย"),
            who=Fixer.TREASURER,
        ),
        "crowd": Case(
            level=Level.BAD,
            says=_ENDED,
            do=Text(
                "Stop and look: so many have one cause (a key, the account, a rule). Stop the executor until it is"
                " known.",
                "หยุดและตรวจดู: มากขนาดนี้มักมีสาเหตุเดียว (กุญแจ บัญชีธนาคาร กฎ) ให้หยุดตัวส่งเงินจนกว่าจะรู้",
            ),
        ),
    },
)

_WORK: Final = Text(
    "Restart the executor; if it stays, look at its log for this step.", "เปิดตัวส่งเงินใหม่ ถ้ายังเป็นอยู่ให้ดูบันทึกของขั้นนี้"
)
QUEUES: Final = Cases(
    Text("Executors' other work", "งานอื่นของตัวส่งเงิน"),
    {
        "well": Case(level=Level.WELL, says=Text("{subject}: what waits: {count}.", "{subject}: รออยู่ {count} รายการ")),
        "account_checks": Case(
            level=Level.WARNS,
            says=Text(
                "Questions about accounts wait: {count}, the oldest for {age}.",
                "คำขอตรวจบัญชีรออยู่ {count} รายการ เก่าสุด {age}",
            ),
            do=Text(
                "A bulk check takes its time; else see whether the bank answers and an executor lives.",
                "ถ้าตรวจจำนวนมากต้องใช้เวลา มิฉะนั้นตรวจว่าธนาคารตอบและตัวส่งเงินทำงานอยู่",
            ),
        ),
        "callbacks": Case(
            level=Level.BAD,
            says=Text(
                "What the bank called to say is not read: {count}, the oldest for {age}.",
                "ข้อความที่ธนาคารแจ้งมายังไม่ถูกอ่าน {count} รายการ เก่าสุด {age}",
            ),
            do=_WORK,
        ),
        "expiries": Case(
            level=Level.BAD,
            says=Text(
                "Approvals that ran out have not been ended: {count}, the oldest for {age}.",
                "การอนุมัติที่หมดอายุยังไม่ถูกปิด {count} รายการ เก่าสุด {age}",
            ),
            do=_WORK,
        ),
    },
)
