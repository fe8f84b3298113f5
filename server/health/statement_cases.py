"""What is said of the bank's statements, in both languages."""

from __future__ import annotations

from typing import Final

from server.health.finding import Case, Cases, Text
from shared.health import Level
from shared.refusals import Fixer

LAST: Final = Cases(
    Text("Last statement", "รายการเดินบัญชีล่าสุด"),
    {
        "well": Case(
            level=Level.WELL,
            says=Text(
                "Account {subject}: the last statement is of {day}.", "บัญชี {subject}: รายการเดินบัญชีล่าสุดคือวันที่ {day}"
            ),
        ),
        "late": Case(
            level=Level.WARNS,
            says=Text(
                "Account {subject}: the statement of {expected} is not here; the last one is of {day}.",
                "บัญชี {subject}: ยังไม่มีรายการเดินบัญชีของวันที่ {expected} ล่าสุดคือวันที่ {day}",
            ),
            do=Text(
                "Fetch now (page Statements); if it stays away, ask the bank for it.",
                "กดดึงตอนนี้ (หน้ารายการเดินบัญชี) ถ้ายังไม่มาให้ถามธนาคาร",
            ),
        ),
        "stopped": Case(
            level=Level.BAD,
            says=Text(
                "Account {subject}: statements have stopped. The last is of {day}: {missing} bank days lack.",
                "บัญชี {subject}: รายการเดินบัญชีขาดไป ล่าสุดคือวันที่ {day} ขาด {missing} วันทำการ",
            ),
            do=Text(
                "See why fetching fails or files are refused (page Statements); ask the bank for the missing days.",
                "ดูว่าดึงไม่ได้หรือไฟล์ถูกปฏิเสธเพราะอะไร (หน้ารายการเดินบัญชี) และขอวันที่ขาดจากธนาคาร",
            ),
        ),
        "not_yet": Case(
            level=Level.WARNS,
            says=Text("Account {subject}: no statement has come yet.", "บัญชี {subject}: ยังไม่มีรายการเดินบัญชีเลย"),
            do=Text("Wait for the bank's first one, or fetch now.", "รอไฟล์แรกจากธนาคาร หรือกดดึงตอนนี้"),
        ),
        "never": Case(
            level=Level.BAD,
            says=Text(
                "Account {subject}: not one statement has come in {age}.",
                "บัญชี {subject}: ไม่เคยได้รับรายการเดินบัญชีเลยใน {age}",
            ),
            do=Text(
                "Ask the bank to deliver this account's statements to the same folder.",
                "ขอให้ธนาคารส่งรายการเดินบัญชีของบัญชีนี้มาที่โฟลเดอร์เดียวกัน",
            ),
        ),
        "no_account": Case(
            level=Level.WARNS,
            says=Text(
                "No account of ours is written down: a statements worker has not started yet.",
                "ยังไม่มีบัญชีบริษัทที่บันทึกไว้ เพราะยังไม่เคยเปิดตัวรับรายการเดินบัญชี",
            ),
            do=Text("Start one: sheaf worker statements.", "เปิด: sheaf worker statements"),
        ),
    },
)

FETCH: Final = Cases(
    Text("Fetching", "การดึงไฟล์"),
    {
        "well": Case(level=Level.WELL, says=Text("Fetched {at}: {files} new files.", "ดึงเมื่อ {at}: ไฟล์ใหม่ {files} ไฟล์")),
        "with_problems": Case(
            level=Level.WARNS,
            says=Text("Fetched {at}, and not everything was taken: {why}.", "ดึงเมื่อ {at} แต่รับไม่ได้ทุกไฟล์: {why}"),
            do=Text("Look at the files on the page Statements.", "ดูไฟล์ในหน้ารายการเดินบัญชี"),
        ),
        "never": Case(
            level=Level.WARNS,
            says=Text("Nothing was ever fetched.", "ยังไม่เคยดึงไฟล์"),
            do=Text("Start the statements worker: sheaf worker statements.", "เปิด: sheaf worker statements"),
        ),
        "failed": Case(
            level=Level.BAD,
            says=Text("The last fetch ({at}) failed: {why}.", "การดึงครั้งล่าสุด ({at}) ล้มเหลว: {why}"),
            do=Text(
                "See that the bank's host is reached and that it admits our key; then fetch now.",
                "ตรวจว่าติดต่อเครื่องของธนาคารได้และรับกุญแจของเรา แล้วกดดึงตอนนี้",
            ),
        ),
        "host_key": Case(
            level=Level.BAD,
            says=Text(
                "The bank's host showed another key ({at}): somebody may stand between. Fetching rests.",
                "เครื่องของธนาคารแสดงกุญแจอื่น ({at}) อาจมีผู้แอบคั่นกลาง จึงหยุดดึงไว้",
            ),
            do=Text(
                "Ask the bank by telephone for its new key, put it into [sftp] host_keys, restart the worker.",
                "โทรถามกุญแจใหม่จากธนาคาร ใส่ใน [sftp] host_keys แล้วเปิดตัวรับใหม่",
            ),
        ),
        "late": Case(
            level=Level.BAD,
            says=Text("Nothing was fetched for {age}.", "ไม่ได้ดึงมา {age}"),
            do=Text("See that the statements worker works, and restart it.", "ตรวจตัวรับรายการเดินบัญชี แล้วเปิดใหม่"),
        ),
        "hangs": Case(
            level=Level.BAD,
            says=Text("A fetch was asked for {age} ago and has not ended.", "ขอดึงไว้ {age} แล้วยังไม่จบ"),
            do=Text("See that the statements worker works, and restart it.", "ตรวจตัวรับรายการเดินบัญชี แล้วเปิดใหม่"),
        ),
    },
)


_SETTINGS: Final = Text(
    "See that the network lets port and host of [sftp] through, and whether the bank is at work on it.",
    "ตรวจว่าเครือข่ายเปิดทางไปยัง [sftp] และธนาคารกำลังปรับปรุงอยู่หรือไม่",
)
SFTP: Final = Cases(
    Text("SFTP", "SFTP"),
    {
        "well": Case(
            level=Level.WELL,
            says=Text("{subject} reaches the bank's SFTP host.", "{subject} ติดต่อเครื่อง SFTP ของธนาคารได้"),
        ),
        "unreachable": Case(
            level=Level.BAD,
            says=Text(
                "{subject} does not reach the bank's SFTP host: no statement can come.",
                "{subject} ติดต่อเครื่อง SFTP ของธนาคารไม่ได้ รายการเดินบัญชีจะไม่มา",
            ),
            do=_SETTINGS,
        ),
        "interrupted": Case(
            level=Level.BAD,
            says=Text(
                "{subject} loses the bank's SFTP host in the middle of a session.",
                "{subject} หลุดจากเครื่อง SFTP ของธนาคารกลางคัน",
            ),
            do=_SETTINGS,
        ),
        "not_admitted": Case(
            level=Level.BAD,
            says=Text(
                "The bank's SFTP host does not admit our key ({subject}).",
                "เครื่อง SFTP ของธนาคารไม่รับกุญแจของเรา ({subject})",
            ),
            do=Text(
                "Ask the bank whether our user and key are still good; compare [sftp] username and private_key.",
                "ถามธนาคารว่าผู้ใช้และกุญแจของเรายังใช้ได้หรือไม่ และเทียบ [sftp] username กับ private_key",
            ),
        ),
        "host_key_changed": Case(
            level=Level.BAD,
            says=Text(
                "The bank's SFTP host shows another key than ours knows ({subject}): somebody may stand between.",
                "เครื่อง SFTP ของธนาคารแสดงกุญแจที่ไม่รู้จัก ({subject}) อาจมีผู้แอบคั่นกลาง",
            ),
            do=Text(
                "Ask the bank by telephone for its new key, put it into [sftp] host_keys, restart the worker.",
                "โทรถามกุญแจใหม่จากธนาคาร ใส่ใน [sftp] host_keys แล้วเปิดตัวรับใหม่",
            ),
        ),
        "no_key": Case(
            level=Level.BAD,
            says=Text("Our own SFTP key can't be read ({subject}).", "อ่านกุญแจ SFTP ของเราไม่ได้ ({subject})"),
            do=Text("Run: sheaf config check.", "รัน: sheaf config check"),
        ),
        "not_set_up": Case(
            level=Level.BAD,
            says=Text("No [sftp] in the settings: no statement can come.", "ไม่มี [sftp] ในค่าตั้ง รายการเดินบัญชีจะไม่มา"),
            do=Text("Fill in [sftp]; `sheaf config check` helps.", "กรอก [sftp] แล้วรัน `sheaf config check`"),
        ),
        "untold": Case(
            level=Level.UNKNOWN,
            says=Text(
                "No living statements worker has tried the bank's SFTP host yet.",
                "ยังไม่มีตัวรับรายการเดินบัญชีที่ลองติดต่อเครื่อง SFTP ของธนาคาร",
            ),
            do=Text("Start one: sheaf worker statements.", "เปิด: sheaf worker statements"),
        ),
    },
)

_PAGE: Final = Text(
    "Look at it on the page Statements: ask the bank for a right one, or judge it again.",
    "ดูในหน้ารายการเดินบัญชี: ขอไฟล์ที่ถูกจากธนาคาร หรือสั่งตรวจใหม่",
)
FILES: Final = Cases(
    Text("Statement files", "ไฟล์รายการเดินบัญชี"),
    {
        "well": Case(
            level=Level.WELL,
            says=Text("No delivered file was refused or waits.", "ไม่มีไฟล์ที่ถูกปฏิเสธหรือค้างรอ"),
        ),
        "refused": Case(
            level=Level.WARNS,
            says=Text(
                "Files of the bank's were refused: {count}, the last {name} ({why}).",
                "ไฟล์ของธนาคารถูกปฏิเสธ {count} ไฟล์ ล่าสุด {name} ({why})",
            ),
            do=_PAGE,
            who=Fixer.TREASURER,
        ),
        "waiting": Case(
            level=Level.BAD,
            says=Text(
                "Files wait for an earlier statement that does not come: {count}, the last {name} ({why}).",
                "ไฟล์รอรายการเดินบัญชีก่อนหน้าที่ยังไม่มา {count} ไฟล์ ล่าสุด {name} ({why})",
            ),
            do=Text(
                "Ask the bank to deliver the missing statement; what waits is taken by itself then.",
                "ขอให้ธนาคารส่งฉบับที่ขาด แล้วไฟล์ที่รอจะถูกรับเอง",
            ),
            who=Fixer.TREASURER,
        ),
    },
)
