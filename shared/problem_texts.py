"""The words for what stands inside a refusal's text: why a value is refused, what a state is called, a field's name."""

from __future__ import annotations

from typing import Final

# Refusal and problem, then the English words, then the Thai ones: they end the refusal's sentence and say what to do.
_PROBLEMS: Final = """\
money.invalid empty
  type an amount
  ใส่จำนวนเงิน
money.invalid not_a_number
  write only a number, such as 48,250.00
  ใส่เฉพาะตัวเลข เช่น 48,250.00
money.invalid too_many_decimals
  write at most two decimals (satang)
  ใส่ทศนิยมไม่เกินสองตำแหน่ง (สตางค์)
money.invalid not_positive
  it must be above 0
  ต้องมากกว่า 0
money.invalid too_large
  it is larger than any bank takes; count the digits
  มากเกินกว่าที่ธนาคารรับได้ ตรวจจำนวนหลัก
request.invalid -
  it can't be taken as it is; correct it and send again
  รับตามที่ส่งมาไม่ได้ แก้ไขแล้วส่งใหม่
request.invalid empty
  fill it in
  ยังไม่ได้กรอก
request.invalid needed
  fill it in
  ยังไม่ได้กรอก
request.invalid too_long
  it is too long; shorten it
  ยาวเกินไป ให้ย่อลง
request.invalid forbidden_character
  it holds invisible characters, often from copying; type it by hand
  มีอักขระที่มองไม่เห็น มักติดมากับการคัดลอก ให้พิมพ์เอง
request.invalid not_clean
  remove doubled spaces and line breaks, then sign again
  ลบช่องว่างซ้ำและการขึ้นบรรทัด แล้วลงนามใหม่
request.invalid unknown
  choose one from the list
  เลือกจากรายการที่มี
request.invalid new_device_key
  this desk's key is damaged or was enrolled before; set the desk up anew
  กุญแจของเครื่องเสียหายหรือเคยลงทะเบียนแล้ว ให้ตั้งค่าเครื่องใหม่
request.invalid batch_whole
  a batch is signed as a whole, not by line
  ชุดรายการต้องลงนามทั้งชุด ไม่ใช่ทีละบรรทัด
request.invalid line_of_batch
  a line of a batch is signed with its batch; open the batch
  บรรทัดในชุดต้องลงนามพร้อมทั้งชุด ให้เปิดชุดนั้น
request.invalid one_branch
  one signature covers payments of one branch; sign each branch apart
  ลายเซ็นหนึ่งครั้งใช้ได้กับสาขาเดียว ให้แยกลงนามแต่ละสาขา
request.invalid one_role
  these payments need signatures of different roles; sign them apart
  รายการเหล่านี้ต้องใช้ลายเซ็นคนละบทบาท ให้แยกลงนาม
request.invalid batch_operation
  a batch pays for produce; withdrawals and transfers are made one by one
  ชุดรายการใช้จ่ายค่าผลผลิตเท่านั้น การถอนและการโอนให้ทำทีละรายการ
request.invalid not_here
  leave it empty for this operation
  รายการชนิดนี้ไม่ใช้ช่องนี้ ให้เว้นว่าง
request.invalid advance_terms
  give a share of each payment or a least sum, and no most below the least
  กำหนดสัดส่วนหรือยอดหักขั้นต่ำ และยอดสูงสุดต้องไม่ต่ำกว่าขั้นต่ำ
request.invalid future_day
  the day has not come yet
  ยังไม่ถึงวันนั้น
request.invalid other_than_line
  the statement's line says something else; leave it empty or write the same
  ไม่ตรงกับบรรทัดของธนาคาร ให้เว้นว่างหรือใส่ให้ตรงกัน
deposit.line no_credit
  choose a line on which money came in
  ให้เลือกบรรทัดที่เป็นเงินเข้า
deposit.line explained
  it belongs to a payment, or was recorded already
  เป็นของรายการจ่าย หรือบันทึกไปแล้ว
deposit.line changed
  it has been explained meanwhile; reject this and look at the line again
  มีคำอธิบายอื่นแล้วระหว่างนี้ ให้ปฏิเสธแล้วดูบรรทัดนี้ใหม่
duplicate.possible amount
  the same member and the same amount
  สมาชิกคนเดียวกันและจำนวนเงินเท่ากัน
duplicate.possible owed
  the bank returned the same amount, which stays in this member's balance: open that payment and choose "Pay again"
  ธนาคารคืนเงินยอดเดียวกัน ซึ่งอยู่ในยอดเงินของสมาชิก ให้เปิดรายการนั้นแล้วเลือก "จ่ายอีกครั้ง"
duplicate.possible owed_elsewhere
  the bank returned the same amount at another branch, which stays in this member's balance and is paid again there
  ธนาคารคืนเงินยอดเดียวกันที่สาขาอื่น ซึ่งอยู่ในยอดเงินของสมาชิก ให้จ่ายอีกครั้งที่สาขานั้น
duplicate.possible ticket
  the same weigh ticket
  ใบชั่งใบเดียวกัน
duplicate.possible account
  the same bank account under another member's name
  บัญชีธนาคารเดียวกันในชื่อสมาชิกอื่น
duplicate.possible amount_elsewhere
  the same member and the same amount at another branch
  สมาชิกคนเดียวกันและจำนวนเงินเท่ากันที่สาขาอื่น
duplicate.possible ticket_elsewhere
  the same weigh ticket at another branch
  ใบชั่งใบเดียวกันที่สาขาอื่น
duplicate.possible account_elsewhere
  the same bank account under another member's name at another branch
  บัญชีธนาคารเดียวกันในชื่อสมาชิกอื่นที่สาขาอื่น
request.invalid other_payment
  a payment is paid again to the same member and in the same way; what came back is withdrawn from the member's balance
  การจ่ายอีกครั้งต้องเป็นสมาชิกคนเดิมและวิธีเดิม ส่วนเงินที่ธนาคารคืนต้องถอนจากยอดเงินของสมาชิก
request.invalid owed_amount
  what the bank returned is paid again in full, neither more nor less
  เงินที่ธนาคารคืนต้องจ่ายอีกครั้งเต็มจำนวน ไม่มากกว่าและไม่น้อยกว่า
request.invalid beyond_batch
  the batch was declared with fewer lines; check its count
  ชุดนี้แจ้งจำนวนบรรทัดไว้น้อยกว่านี้ ตรวจจำนวนบรรทัด
request.invalid other_line
  this line is in the batch already with other content; open the batch anew
  มีบรรทัดนี้ในชุดแล้วแต่เนื้อหาต่างกัน ให้เปิดชุดใหม่
account.invalid empty
  type it from the passbook
  พิมพ์จากสมุดบัญชี
account.invalid unknown_bank
  choose the bank first
  เลือกธนาคารก่อน
account.invalid spreadsheet_number
  a spreadsheet changed its digits; type it from the passbook
  โปรแกรมตารางเปลี่ยนตัวเลข ให้พิมพ์ใหม่จากสมุดบัญชี
account.invalid not_digits
  write digits only
  ใส่เฉพาะตัวเลข
account.invalid length
  this bank's accounts have another number of digits; check the bank and count again
  จำนวนหลักไม่ตรงกับธนาคารนี้ ตรวจธนาคารและนับหลักใหม่
account.invalid all_zero
  it is all zeros; type it from the passbook
  เป็นเลขศูนย์ทั้งหมด ให้พิมพ์จากสมุดบัญชี
account.invalid check_digit
  a digit is wrong; compare it with the passbook
  มีตัวเลขผิด ให้เทียบกับสมุดบัญชีทีละหลัก
account.unverified none
  the bank was not asked yet whose account it is; ask the bank and wait for its answer
  ยังไม่ได้ถามธนาคารว่าเป็นบัญชีของใคร ให้กดตรวจบัญชีแล้วรอคำตอบ
account.unverified stale
  the bank's last answer is too old; ask the bank again
  คำตอบล่าสุดของธนาคารเก่าเกินไป ให้กดตรวจบัญชีใหม่
account.unverified status
  the bank says that it is closed or does not exist; ask the member for another account
  ธนาคารแจ้งว่าบัญชีปิดหรือไม่มีอยู่ ให้ขอบัญชีใหม่จากสมาชิก
account.unverified name
  the bank has another name for it; is the passbook the member's, ask for a bank change to the bank's name and say why
  ชื่อจากธนาคารไม่ตรงกับทะเบียน ถ้าสมุดบัญชีเป็นของสมาชิกจริง ให้ขอเปลี่ยนบัญชีโดยใช้ชื่อตามที่ธนาคารแจ้งพร้อมเหตุผล
documents.invalid empty
  the file is empty; scan it again
  ไฟล์ว่างเปล่า ให้สแกนใหม่
documents.invalid too_large
  the file is too large; scan it at a lower resolution
  ไฟล์ใหญ่เกินไป ให้สแกนที่ความละเอียดต่ำลง
documents.invalid wrong_type
  only JPEG, PNG and PDF are taken
  รับเฉพาะ JPEG PNG และ PDF
documents.invalid damaged
  the file is damaged; scan it again
  ไฟล์เสียหาย ให้สแกนใหม่
documents.invalid encrypted
  the PDF has a password; save it without one
  PDF มีรหัสผ่าน ให้บันทึกใหม่โดยไม่ใส่รหัสผ่าน
documents.invalid disguised
  the file could be opened as something else than a document; scan the paper instead
  ไฟล์อาจเปิดเป็นอย่างอื่นที่ไม่ใช่เอกสาร ให้สแกนจากกระดาษแทน
documents.invalid too_many
  the case has as many documents as it may; send what is most needed
  แนบเอกสารครบจำนวนแล้ว ให้ส่งเฉพาะที่จำเป็น
documents.invalid name
  give the file a plain name
  ตั้งชื่อไฟล์ใหม่ให้เป็นชื่อธรรมดา
rule.invalid empty
  fill it in
  ยังไม่ได้กรอก
rule.invalid too_long
  it is longer than 1,000 characters; shorten it
  ยาวเกิน 1,000 ตัวอักษร ให้ย่อลง
rule.invalid too_many_parts
  it has too many parts; split it into two rules
  มีส่วนประกอบมากเกินไป ให้แยกเป็นสองกฎ
rule.invalid too_deep
  too many brackets or choices stand inside each other; split it into two rules
  วงเล็บหรือเงื่อนไขซ้อนกันลึกเกินไป ให้แยกเป็นสองกฎ
rule.invalid unknown_sign
  this sign has no meaning here; whole satang and basis points need no decimal point
  เครื่องหมายนี้ใช้ไม่ได้ จำนวนเต็มสตางค์และเบสิสพอยต์ไม่ต้องมีจุดทศนิยม
rule.invalid unclosed_text
  the text has no closing quote, or holds a backslash
  ข้อความไม่มีเครื่องหมายคำพูดปิด หรือมีเครื่องหมาย \\
rule.invalid number_too_large
  the number is too large; check the digits
  ตัวเลขมากเกินไป ตรวจจำนวนหลัก
rule.invalid unexpected
  this does not belong here; check the sign or word before it
  ตำแหน่งนี้ไม่ถูกต้อง ตรวจเครื่องหมายหรือคำก่อนหน้า
rule.invalid unexpected_end
  it ends too early; something is missing
  จบก่อนกำหนด ยังขาดบางส่วน
rule.invalid unknown_name
  there is no such fact; choose one from the list
  ไม่มีข้อมูลชื่อนี้ ให้เลือกจากรายการ
rule.invalid unknown_function
  there is no such function; only bp, min, max and startsWith
  ไม่มีฟังก์ชันนี้ ใช้ได้เฉพาะ bp min max และ startsWith
rule.invalid wrong_type
  this can't be compared or calculated like that; numbers go with numbers, texts with texts
  เทียบหรือคำนวณแบบนี้ไม่ได้ ตัวเลขคู่กับตัวเลข ข้อความคู่กับข้อความ
rule.invalid wrong_result
  a fee must give a whole number of satang, and a limit must give true or false
  ค่าธรรมเนียมต้องได้จำนวนเต็มสตางค์ ส่วนเพดานต้องได้จริงหรือเท็จ
request.invalid past
  it may not lie in the past
  ต้องไม่เป็นวันที่ผ่านมาแล้ว
request.invalid not_a_day
  write a day such as 2026-12-01
  ใส่วันที่ เช่น 2026-12-01
request.invalid rule_code
  write 2 to 40 small Latin letters, digits and hyphens
  ใช้อักษรอังกฤษตัวเล็ก ตัวเลข และขีด 2 ถึง 40 ตัว
request.invalid not_an_instant
  write a day and time with its zone, such as 2026-12-01T08:00:00+07:00
  ใส่วันและเวลาพร้อมเขตเวลา เช่น 2026-12-01T08:00:00+07:00
request.invalid route_range
  a row ends after it begins, in amounts and in time
  แต่ละแถวต้องมีค่าสิ้นสุดมากกว่าค่าเริ่มต้น ทั้งจำนวนเงินและเวลา
request.invalid route_channel
  a row names a channel that can't take its payments
  มีแถวที่ระบุช่องทางซึ่งรับรายการนั้นไม่ได้
request.invalid route_overlap
  two rows fit the same payment; only one may
  มีสองแถวที่ใช้กับรายการเดียวกัน ต้องเหลือแถวเดียว
request.invalid route_gap
  rows for any bank must cover the whole week and every amount up to the largest, without a gap
  แถวสำหรับทุกธนาคารต้องครอบคลุมทั้งสัปดาห์และทุกจำนวนจนถึงยอดสูงสุด โดยไม่มีช่องว่าง
request.invalid rule_kind
  a rule keeps the kind that it began with
  กฎต้องเป็นชนิดเดิมตลอด
request.invalid rule_scope
  a limit says whose payments it counts; a fee does not
  เพดานต้องระบุว่านับของใคร ส่วนค่าธรรมเนียมไม่ต้องระบุ
request.invalid rule_caps
  a limit needs at least one cap, a fee has none
  เพดานต้องมีวงเงินหรือจำนวนครั้งอย่างน้อยหนึ่งอย่าง ส่วนค่าธรรมเนียมไม่มี
"""


def _table(texts: str) -> dict[tuple[str, str], tuple[str, str]]:
    lines = texts.splitlines()
    rows = {}
    for head, english, thai in zip(lines[0::3], lines[1::3], lines[2::3], strict=True):
        refusal, problem = head.split()
        rows[refusal, problem] = (english.strip(), thai.strip())
    return rows


PROBLEMS: Final[dict[tuple[str, str], tuple[str, str]]] = _table(_PROBLEMS)
"""(refusal's code, problem) -> (English, Thai)."""

STATES: Final[dict[str, tuple[str, str]]] = {
    "-": ("nothing", "ไม่มี"),
    "draft": ("a draft", "ร่าง"),
    "proposed": ("waiting for approval", "รออนุมัติ"),
    "requested": ("waiting for approval", "รออนุมัติ"),
    "effective": ("in force", "มีผลแล้ว"),
    "recorded": ("recorded", "บันทึกแล้ว"),
    "repaid": ("repaid", "คืนครบแล้ว"),
    "open": ("open", "เปิดอยู่"),
    "created": ("in an open batch", "อยู่ในชุดที่ยังไม่ปิด"),
    "validated": ("waiting for approval", "รออนุมัติ"),
    "authorized": ("approved", "อนุมัติแล้ว"),
    "sent": ("with the bank", "ส่งธนาคารแล้ว"),
    "in_doubt": ("of unknown outcome", "ไม่ทราบผล"),
    "settled": ("paid", "จ่ายสำเร็จ"),
    "reconciled": ("reconciled", "กระทบยอดแล้ว"),
    "rejected": ("not approved", "ไม่อนุมัติ"),
    "cancelled": ("cancelled", "ยกเลิก"),
    "expired": ("expired", "หมดอายุ"),
    "failed": ("refused by the bank", "ธนาคารปฏิเสธ"),
    "returned": ("returned by the bank", "ธนาคารคืนเงิน"),
    "set_aside": ("set aside", "พักไว้แล้ว"),
    "closed": ("closed", "ปิดแล้ว"),
    "active": ("active", "ใช้งาน"),
    "suspended": ("suspended", "ถูกระงับ"),
    "pending": ("waiting for approval", "รออนุมัติ"),
    "approved": ("approved", "อนุมัติแล้ว"),
    "revoked": ("revoked", "ถูกเพิกถอน"),
}
"""State or standing -> (English, Thai), to follow "is" in a sentence."""

FIELDS: Final[dict[str, tuple[str, str]]] = {
    "account_name": ("the account's name", "ชื่อบัญชี"),
    "account_number": ("the account number", "เลขที่บัญชี"),
    "to": ("where the money goes", "ปลายทางของเงิน"),
    "to_member": ("the recipient's code", "รหัสสมาชิกผู้รับ"),
    "document": ("the delivery note", "เลขที่ใบส่งของ"),
    "least": ("the least deduction", "ยอดหักขั้นต่ำ"),
    "most": ("the most deduction", "ยอดหักสูงสุด"),
    "basis_points": ("the share to deduct", "สัดส่วนที่หัก"),
    "duplicate_reason": ("the reason", "เหตุผล"),
    "amount": ("the amount", "จำนวนเงิน"),
    "payer": ("who paid it in", "ผู้โอนเข้า"),
    "received_on": ("the day it came in", "วันที่เงินเข้า"),
    "reference": ("the bank's number", "เลขที่อ้างอิงของธนาคาร"),
    "statement_line_id": ("the statement's line", "บรรทัดในรายการเดินบัญชี"),
    "bank": ("the bank", "ธนาคาร"),
    "branch": ("the branch", "สาขา"),
    "caps": ("the caps", "เพดาน"),
    "code": ("the code", "รหัส"),
    "count": ("the number of lines", "จำนวนบรรทัด"),
    "effective_from": ("the first day", "วันที่เริ่มใช้"),
    "expression": ("the expression", "สูตร"),
    "file_name": ("the file's name", "ชื่อไฟล์"),
    "items": ("the chosen payments", "รายการที่เลือก"),
    "kind": ("the kind", "ชนิด"),
    "lines": ("the lines", "บรรทัดรายการ"),
    "name_en": ("the English name", "ชื่อภาษาอังกฤษ"),
    "name_th": ("the Thai name", "ชื่อภาษาไทย"),
    "note": ("the note", "หมายเหตุ"),
    "produce": ("the produce", "สินค้า"),
    "public_key": ("this desk's key", "กุญแจของเครื่อง"),
    "query": ("the search words", "คำค้น"),
    "reason": ("the reason", "เหตุผล"),
    "roles": ("the roles", "บทบาท"),
    "routes": ("the routes", "เส้นทางจ่าย"),
    "scope": ("whose payments it counts", "นับของใคร"),
    "total": ("the total", "ยอดรวม"),
    "weigh_ticket": ("the weigh ticket", "เลขที่ใบชั่ง"),
}
"""Field of a request -> (English, Thai), for the fields that people fill in; others keep their name on the wire."""
