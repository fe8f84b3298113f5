"""The texts of every refusal: code, HTTP status and who can fix it, then the English line, then the Thai line.

A parameter stands in brackets with the words that make no sense without it, and behind a bar what is said instead:
`[The field {field}|A field] is not known`. So a text whose parameter was not given is a whole sentence too.
"""

from __future__ import annotations

TEXTS = """\
request.malformed 400 caller
  The request can't be read[: {problem}]. Nothing was done; send it in the form of the API's page.
  อ่านคำขอไม่ได้[: {problem}] ยังไม่มีอะไรเกิดขึ้น ให้ส่งตามรูปแบบในหน้า API
request.invalid 422 caller
  Check [{field}|what was sent][: {problem}].
  ตรวจ[ช่อง {field}|ข้อมูลที่ส่ง][: {problem}]
request.unknown_field 422 caller
  [The field {field}|A field] is not known. Leave it out, or update the program that sends it.
  ไม่รู้จัก[ช่องข้อมูล {field}|ช่องข้อมูลที่ส่งมา] ให้ตัดออก หรืออัปเดตโปรแกรมที่ส่ง
request.too_large 413 caller
  The request is [larger than {limit} bytes|too large]. Send less at once.
  คำขอใหญ่เกิน[ {limit} ไบต์|ไป] ให้ส่งครั้งละน้อยลง
request.content_type 415 caller
  Send [{expected}|another kind of content].
  ต้องส่งเป็น[ {expected}|ข้อมูลชนิดอื่น]
idempotency.missing 400 caller
  Send an Idempotency-Key of 1 to 255 printable characters with this call.
  คำสั่งนี้ต้องมี Idempotency-Key ยาว 1 ถึง 255 ตัวอักษร
idempotency.mismatch 422 caller
  This idempotency key was used with another content. Make a new key for a new payment.
  กุญแจกันซ้ำนี้ถูกใช้กับเนื้อหาอื่นแล้ว รายการใหม่ต้องใช้กุญแจใหม่
idempotency.busy 409 caller
  The same request is still running. Ask again in a few seconds with the same key.
  คำขอเดียวกันกำลังทำงานอยู่ ลองใหม่ด้วยกุญแจเดิมในอีกสักครู่
not_found 404 caller
  Not there, or not yours to see. Look it up again.
  ไม่พบข้อมูล หรือไม่ใช่ข้อมูลของสาขาคุณ ให้ค้นหาใหม่
no_such_call 404 caller
  There is no such call. Update the program that makes it.
  ไม่มีคำสั่งนี้ ให้อัปเดตโปรแกรมที่เรียก
wrong_method 405 caller
  This address does not take that method. Update the program that makes the call.
  ที่อยู่นี้ไม่รับวิธีเรียกแบบนี้ ให้อัปเดตโปรแกรมที่เรียก
overloaded 503 operator
  The server is busy. Nothing was done; try again in a few seconds.
  เซิร์ฟเวอร์ไม่ว่าง ยังไม่มีอะไรเกิดขึ้น ลองใหม่ในอีกสักครู่
internal 500 operator
  Something went wrong on our side. Nothing was done. Quote the correlation id.
  เกิดข้อผิดพลาดภายใน ยังไม่มีอะไรเกิดขึ้น แจ้งหมายเลขอ้างอิงแก่ผู้ดูแล
too_many_requests 429 caller
  Too many tries. Wait [{seconds} seconds|a while].
  ลองบ่อยเกินไป รออีก[ {seconds} วินาที|สักครู่]
revocation.silent 503 operator
  Money is paused for a moment: the server can't confirm that no one was revoked. Try again in a few seconds.
  พักงานเงินชั่วคราว: เซิร์ฟเวอร์ยังยืนยันไม่ได้ว่าไม่มีใครถูกเพิกถอน ลองใหม่ในอีกสักครู่
device.unknown 401 administrator
  This desk is not enrolled or not approved yet. Ask the administrator to let it in.
  เครื่องนี้ยังไม่ได้ลงทะเบียนหรือยังไม่ได้รับอนุมัติ ให้แจ้งผู้ดูแลระบบ
device.proof 401 caller
  The desk's signature does not fit this call. Check the computer's clock[ (server time {server_time})].
  ลายเซ็นของเครื่องไม่ตรงกับคำสั่งนี้ ตรวจนาฬิกาของเครื่อง[ (เวลาเซิร์ฟเวอร์ {server_time})]
auth.credentials 401 caller
  The user name or the password is wrong. Type both again.
  ชื่อผู้ใช้หรือรหัสผ่านไม่ถูกต้อง ให้พิมพ์ใหม่ทั้งสอง
auth.locked 429 administrator
  Locked after 5 wrong tries. Try again [in {minutes} minutes|later], or ask the administrator.
  ถูกล็อกเพราะผิดครบ 5 ครั้ง ลองใหม่[ใน {minutes} นาที|ภายหลัง] หรือติดต่อผู้ดูแลระบบ
auth.disabled 403 administrator
  This user is disabled. Ask the administrator.
  ผู้ใช้นี้ถูกปิดการใช้งาน ให้แจ้งผู้ดูแลระบบ
auth.token 401 caller
  Sign in again.
  กรุณาเข้าสู่ระบบใหม่
auth.forbidden 403 manager
  Your role may not do this. Ask your manager who may.
  สิทธิ์ของคุณทำรายการนี้ไม่ได้ ให้ถามผู้จัดการว่าใครทำได้
operation_token.missing 401 caller
  This action needs an operation token of its own. Confirm the action again.
  การกระทำนี้ต้องมีโทเคนเฉพาะรายการ กรุณายืนยันใหม่
operation_token.invalid 401 caller
  The operation token is not valid or has expired. Confirm the action again.
  โทเคนเฉพาะรายการไม่ถูกต้องหรือหมดอายุ กรุณายืนยันใหม่
operation_token.mismatch 403 caller
  The operation token was made for another action or another content. Confirm the action again.
  โทเคนนี้ออกให้การกระทำหรือเนื้อหาอื่น กรุณายืนยันใหม่
operation_token.used 409 caller
  The operation token was already used. Look whether it is done; if not, confirm the action again.
  โทเคนนี้ถูกใช้ไปแล้ว ให้ดูว่าทำสำเร็จแล้วหรือไม่ ถ้ายัง กรุณายืนยันใหม่
auth.code 401 caller
  The code is wrong or was already used. Wait for the next one.[ {left} tries left.]
  รหัสไม่ถูกต้องหรือถูกใช้แล้ว ให้รอรหัสถัดไป[ เหลืออีก {left} ครั้ง]
auth.code_needed 401 caller
  Enter the code from your authenticator app.
  ให้ใส่รหัสจากแอปยืนยันตัวตน
signature.invalid 422 caller
  The signature does not fit what would be signed. Open it again, look, and sign anew.
  ลายเซ็นไม่ตรงกับสิ่งที่จะลงนาม ให้เปิดใหม่ ตรวจ แล้วลงนามอีกครั้ง
device.code 401 administrator
  The enrolment code is wrong, used or expired. Ask the administrator for a new one.
  รหัสลงทะเบียนเครื่องไม่ถูกต้อง ถูกใช้แล้ว หรือหมดอายุ ให้ขอรหัสใหม่จากผู้ดูแลระบบ
device.state 409 administrator
  [The device is {state}; this|This] can't be done now. Refresh the list of desks.
  [เครื่องอยู่ในสถานะ {state} จึงทำไม่ได้|ตอนนี้ทำไม่ได้] ให้รีเฟรชรายการเครื่อง
auth.password_weak 422 caller
  Choose a password of at least 12 characters that is not easy to guess.
  ตั้งรหัสผ่านอย่างน้อย 12 ตัวอักษรที่เดายาก
already_exists 409 caller
  [{what}|It] exists already. Look it up, or give another one.
  มี[ {what} |]อยู่แล้ว ให้ค้นหา หรือใส่รายการอื่น
users.last_administrator 409 administrator
  The last administrator can't be removed. Make another one first.
  ถอดผู้ดูแลระบบคนสุดท้ายไม่ได้ ให้เพิ่มคนใหม่ก่อน
money.invalid 422 caller
  Check the amount[: {problem}].
  ตรวจจำนวนเงิน[: {problem}]
money.over_limit 422 treasurer
  [A single payment may not exceed {limit}|The amount is above what a single payment may be]. Ask the treasury.
  จำนวนเงินเกินกว่าที่จ่ายต่อรายการได้[ คือ {limit}] ให้ปรึกษาเหรัญญิก
money.currency 422 caller
  Only THB is paid. Enter the amount in baht.
  จ่ายได้เฉพาะสกุลบาท ให้ใส่ยอดเป็นบาท
funds.fee 409 treasurer
  The branch has enough[ for {amount} ({available})], not for the fee[ of {fee}] on top[ ({needed})]. Ask the treasury.
  เงินของสาขาพอสำหรับ[ {amount} (มี {available})|ยอดนี้] แต่ไม่พอค่าธรรมเนียม[อีก {fee}][ รวม {needed}] ให้ขอเหรัญญิก
funds.insufficient 409 treasurer
  Not enough money at the branch[: {available} available]. Ask the treasury for funding.
  เงินของสาขาไม่พอ[ ใช้ได้ {available}] ให้ขอเงินทุนจากเหรัญญิก
member.unknown 404 caller
  There is no such member[: {member}]. Look the member up again.
  ไม่พบสมาชิก[ {member}|รายนี้] ให้ค้นหาใหม่
member.not_active 422 manager
  The member [is {status} and |]can't be paid. Ask the manager.
  [สมาชิกอยู่ในสถานะ {status} จึงจ่ายไม่ได้|จ่ายสมาชิกรายนี้ไม่ได้] ให้ปรึกษาผู้จัดการ
member.changed 409 caller
  The member's account changed since you looked[: now version {version}]. Look again.
  บัญชีของสมาชิกเปลี่ยนไปหลังจากที่คุณเห็น[ ตอนนี้เป็นฉบับที่ {version}] กรุณาตรวจใหม่
account.missing 422 manager
  The member has no approved bank account. Ask for a bank change.
  สมาชิกยังไม่มีบัญชีธนาคารที่อนุมัติแล้ว ให้ขอเปลี่ยนบัญชี
account.unverified 422 caller
  This account can't be paid yet[: {problem}]. Have the bank asked about it, or ask for a bank change.
  ยังจ่ายเข้าบัญชีนี้ไม่ได้[: {problem}] ให้ตรวจกับธนาคาร หรือขอเปลี่ยนบัญชี
account.invalid 422 caller
  Check the account number[: {problem}].
  ตรวจเลขที่บัญชี[: {problem}]
account.same 422 caller
  The new account is the same as the present one. Check the number against the document.
  บัญชีใหม่เหมือนบัญชีปัจจุบัน ตรวจเลขที่บัญชีกับเอกสาร
operation.unsupported 422 operator
  This operation is not offered. Choose another one.
  ยังไม่รองรับการทำรายการนี้ ให้เลือกแบบอื่น
route.none 422 treasurer
  No way is set up to pay [{amount} THB |]there now. Ask the treasury to change the routes.
  ยังไม่ได้ตั้งช่องทางจ่าย[ {amount} บาท |]ไปปลายทางนี้ในเวลานี้ เหรัญญิกแก้เส้นทางจ่ายได้
route.uncovered 422 caller
  The table leads these payments nowhere[: {operations}]. Add a row for each.
  ตารางนี้ไม่มีเส้นทางให้รายการเหล่านี้[: {operations}] ให้เพิ่มแถวของแต่ละรายการ
route.no_door 422 operator
  Nothing leaves by [{channels}|it]: set it up in the settings, then restart sheaf serve and sheaf worker payments.
  ยังจ่ายทาง[ {channels} |นี้]ไม่ได้: ตั้งค่าช่องทางแล้วเริ่ม sheaf serve และ sheaf worker payments ใหม่
state.refused 409 caller
  [It is {state} now|It can't be done in its present state][; allowed next: {allowed}]. Refresh and look.
  [ตอนนี้อยู่ในสถานะ {state}|สถานะตอนนี้ทำเช่นนี้ไม่ได้][ ทำต่อได้เฉพาะ: {allowed}] ให้รีเฟรชแล้วดูใหม่
retry.unsafe 409 treasurer
  [This payment is {state}: its|Its] money may have moved: never pay it again.[ At the bank (time, asked): {evidence}.]
  [รายการนี้{state} |]เงินอาจเคลื่อนย้ายไปแล้ว จึงจ่ายซ้ำไม่ได้[ อ้างอิงที่ธนาคาร (เวลา, จำนวนครั้งที่ถาม): {evidence}]
version.stale 409 caller
  It changed since you looked[ (version {version})]. Look again before you decide.
  ข้อมูลเปลี่ยนหลังจากที่คุณเห็น[ (ฉบับที่ {version})] กรุณาตรวจใหม่ก่อนตัดสินใจ
approval.expired 409 caller
  Its time for approval has passed. Ask for it anew.
  หมดเวลาอนุมัติแล้ว ให้ขอใหม่
sod.maker 403 manager
  Who asked for it can't approve it. Have another one sign.
  ผู้ขอทำรายการอนุมัติเองไม่ได้ ให้คนอื่นลงนาม
approval.already_signed 409 caller
  You have signed this already. Have another one sign if more is needed.
  คุณลงนามรายการนี้แล้ว หากยังไม่ครบ ให้คนอื่นลงนาม
approval.not_needed 403 manager
  No sign-off of your role is needed here. Look who must sign.
  รายการนี้ไม่ต้องใช้ลายเซ็นของบทบาทคุณ ให้ดูว่าใครต้องลงนาม
approval.reason_needed 422 caller
  Say why you reject it.
  ต้องระบุเหตุผลที่ไม่อนุมัติ
documents.needed 422 caller
  Attach at least one document.
  ต้องแนบเอกสารอย่างน้อยหนึ่งฉบับ
documents.unread 409 caller
  Open every document before you sign.
  ต้องเปิดอ่านเอกสารทุกฉบับก่อนลงนาม
bank_change.altered 409 administrator
  The case was changed in the store; nobody can approve it. Reject or withdraw it and tell an administrator.
  คำขอนี้ถูกแก้ไขในที่จัดเก็บ จึงอนุมัติไม่ได้ ให้ปฏิเสธหรือถอนคำขอ และแจ้งผู้ดูแลระบบ
documents.invalid 422 caller
  The document is refused[: {problem}]. Give another one.
  ไม่รับเอกสาร[: {problem}] ให้แนบฉบับอื่น
bank_change.open 409 manager
  Another change for this member is open[: {number}]. Have it decided or withdrawn first.
  มีคำขอเปลี่ยนบัญชีของสมาชิกรายนี้ค้างอยู่[: {number}] ต้องตัดสินหรือถอนคำขอนั้นก่อน
batch.totals 422 caller
  The lines do not match the declared count or total[: {count} lines, {total}]. Check them against the list.
  จำนวนบรรทัดหรือยอดรวมไม่ตรงกับที่แจ้ง[: {count} บรรทัด {total}] ให้ตรวจกับรายการ
batch.lines 422 caller
  [{count} lines|Some lines] were refused; nothing was submitted. Check the list again: it says which and why.
  มี[ {count} |บาง]บรรทัดไม่ผ่าน ยังไม่ได้ส่งรายการใด ให้ตรวจรายการอีกครั้งเพื่อดูว่าบรรทัดใดและเพราะอะไร
duplicate.weigh_ticket 409 manager
  [Weigh ticket {ticket}|This weigh ticket] was already paid or is waiting[: {number}]. Check the ticket.
  ใบชั่ง[ {ticket} |นี้]จ่ายแล้วหรือกำลังรอจ่าย[: {number}] ให้ตรวจใบชั่ง
duplicate.returned_ticket 409 caller
  [Ticket {ticket}|This ticket] is of [{number}|a payment] that came back and is owed: open [{number}|it], "Pay again".
  ใบชั่ง[ {ticket} |นี้]เป็นของ[ {number} |รายการ]ที่ธนาคารคืนเงินและยังค้างจ่าย เปิด[ {number} |รายการนั้น ]เลือก "จ่ายอีกครั้ง"
retry.paid_again 409 caller
  [{number}|This payment] is being paid again already[, by {by}]. Wait: if that ends unpaid, it can be paid again.
  [{number} |รายการนี้]มีรายการจ่ายอีกครั้งอยู่แล้ว[ คือ {by}] ให้ดูที่รายการนั้น หากรายการนั้นไม่สำเร็จ จึงจ่ายอีกครั้งได้
duplicate.possible 409 manager
  Perhaps paid before[: {problem}][, on {date}][{number}]. If it is not, say why; one more approver must then sign.
  รายการนี้อาจจ่ายไปแล้ว[: {problem}][ เมื่อ {date}][{number}] หากไม่ใช่ ให้ระบุเหตุผล และต้องมีผู้อนุมัติเพิ่มอีกหนึ่งคน
deposit.duplicate 409 caller
  Perhaps recorded before[: {number}], the same amount[ on {date}]. If it is other money, say why for who signs.
  อาจบันทึกไปแล้ว[: {number}] จำนวนเงินเท่ากัน[ เมื่อ {date}] หากเป็นเงินก้อนอื่น ให้ระบุเหตุผล ผู้ลงนามจะได้อ่าน
deposit.line 409 caller
  This line of the statement can't be recorded as money paid in[: {problem}]. Look at the line again.
  บันทึกบรรทัดนี้เป็นเงินเข้าไม่ได้[: {problem}] ให้ดูบรรทัดนั้นใหม่
balance.fee 409 caller
  The member has enough[ for {amount} (of {available})], but not for the fee[ of {fee}] on top[ ({needed})]. Pay less.
  เงินฝากของสมาชิกกับบริษัทพอสำหรับ[ {amount} (มี {available})|ยอดนี้] แต่ไม่พอค่าธรรมเนียม[อีก {fee}][ รวม {needed}] ให้ลดยอด
balance.insufficient 409 caller
  The member has not enough with the company[: {available} available]. Pay less.
  ยอดเงินของสมาชิกที่ฝากไว้กับบริษัทไม่พอ[ ใช้ได้ {available}] ให้ลดยอด
transfer.same_member 422 caller
  A member can't transfer to themselves. Name another member's code.
  โอนให้ตัวเองไม่ได้ ให้ใส่รหัสสมาชิกของผู้รับ
transfer.recipient_unknown 404 caller
  No member has this code. Check the recipient's code letter by letter.
  ไม่มีสมาชิกที่ใช้รหัสนี้ ตรวจรหัสผู้รับทีละตัว
transfer.recipient_not_active 409 manager
  The recipient can't receive money[: the membership is {status}]. Ask the manager; reject what waits to be signed.
  ผู้รับรับเงินไม่ได้[: สถานะสมาชิก {status}] ให้ปรึกษาผู้จัดการ รายการที่รอลงนามให้ปฏิเสธ
rule.invalid 422 caller
  Check the rule's expression[ at character {position}][ ({found})][: {problem}].
  ตรวจสูตรของกฎ[ที่ตัวอักษรที่ {position}][ ({found})][: {problem}]
rule.open 409 caller
  Another proposal for [the rule {rule}|this rule] waits for a signature. Have it decided first.
  มีข้อเสนอของกฎ[ {rule} |นี้]รอลงนามอยู่ ต้องตัดสินข้อเสนอนั้นก่อน
fee.rule_error 422 treasurer
  [The fee rule {problem}|A fee rule] gives no valid fee here. Nothing was submitted; ask the treasury to correct it.
  กฎค่าธรรมเนียม[ {problem} |]คำนวณรายการนี้ไม่ได้ ยังไม่ได้ส่งรายการ ฝ่ายการเงินต้องแก้กฎ
fee.over_amount 422 caller
  [Fees of {fee}|The fees] would leave the payee nothing. Pay more, or several together.
  ค่าธรรมเนียม[ {fee} |]มากเท่าหรือเกินยอดจ่าย ผู้รับจะไม่ได้รับเงิน ให้จ่ายรวมหลายรายการ
limit.rule_error 422 treasurer
  [The limit {problem}|A limit] can't be judged here. Nothing was submitted; ask the treasury to correct the rule.
  เพดาน[ {problem} |]ตรวจรายการนี้ไม่ได้ ยังไม่ได้ส่งรายการ ฝ่ายการเงินต้องแก้กฎ
limit.single 422 treasurer
  [One payment may be at most {limit}|One payment may not be as much][ ({problem})]. Ask the treasury.
  จำนวนเงินเกินเพดานต่อรายการ[ คือ {limit}][ ({problem})] ให้ปรึกษาเหรัญญิก
limit.reached 409 treasurer
  [The limit {problem}|A limit] [for {period} |]is reached[: {left} baht and {count} payments left]. Ask the treasury.
  ถึงเพดาน[ {problem}][ ของ {period}]แล้ว[: เหลือ {left} บาท และ {count} รายการ] ให้ปรึกษาเหรัญญิก
cursor.unknown 422 caller
  The cursor is not valid. Begin at the first page.
  ตัวชี้หน้าข้อมูลไม่ถูกต้อง ให้เริ่มจากหน้าแรก
cursor.gone 410 caller
  The cursor is ahead of or too old for this server. Load everything again.
  ตัวชี้ข้อมูลเก่าหรือใหม่เกินไป ต้องโหลดข้อมูลใหม่ทั้งหมด
restore.report 409 operator
  The report is not the newest, or more was found since. Run sheaf restore compare again.
  รายงานนี้ไม่ใช่ฉบับล่าสุด หรือพบข้อมูลเพิ่มหลังจากนั้น ให้รัน sheaf restore compare อีกครั้ง
restore.behind 409 operator
  The database was restored and may not know that the bank paid this. Wait until head office has agreed, then end it.
  ฐานข้อมูลถูกกู้คืนและอาจไม่รู้ว่าธนาคารจ่ายรายการนี้แล้ว จะยกเลิกหรือปฏิเสธได้เมื่อสำนักงานใหญ่อนุมัติผลการเทียบแล้ว ระหว่างนี้ให้รอ
callback.refused 401 operator
  The callback was stored and refused. Look at the log.
  เก็บข้อความแจ้งผลไว้แล้วแต่ไม่รับ ให้ดูบันทึก
"""
