"""Made-up rows of the wire for the screens' tests and pictures; no person or account in them exists."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from shared.canonical import BankChangeSheet, FundingSheet, IntentSheet, digest, set_bytes, sheet_bytes
from shared.money import Satang, format_amount
from shared.wire import records
from shared.wire.approvals import SignatureView
from shared.wire.bank_changes import AskedBankView, BankChangeSheetReply, BankChangeView, DocumentView
from shared.wire.members import AccountCheckView, AccountVerdict, AccountView, MemberView
from shared.wire.payments import (
    Approvals,
    BatchView,
    FundingView,
    IntentView,
    OpenSheetReply,
    PaidAccount,
    SheetItem,
)

NAMES = (
    "นางสาวพิมพ์ชนก แก้วมณี,นายคำปัน ยิ้มแย้ม,นางสุภาพ ฤทธิ์เดช,นายเกียรติ นาคสวัสดิ์,นายวิไล หอมหวล,"
    "นางสาวจันทร์เพ็ญ ชัยมงคล,นางบัวลอย บุญเรือง,นายศิริพร มีสุข,นางสาวกำธร ดวงแก้ว,นางน้ำฝน มีสุข"
).split(",")
ME = UUID(int=7)
SUDA = UUID(int=8)
BANKS = ("034", "004", "014", "006")
BAD_FIT = 3
CHANGES_FROM = 5
OFF = {"mismatched": 10_000}
LATER = "2026-11-24T02:00:00.000Z"


def account_of(number: int) -> str:
    """Twelve digits for BAAC, ten for the others."""
    digits = f"{number * 7_654_321 + 20_100_000_000:012d}"
    return digits if BANKS[number % 4] == "034" else digits[-10:]


def member(number: int) -> MemberView:
    bank, digits, name = BANKS[number % 4], account_of(number), NAMES[number % 10]
    check = AccountCheckView(
        checked_at="2026-11-20T03:00:00.000Z", bank_name=bank_name(number), status="found", match=fit(number)
    )
    return MemberView(
        id=UUID(int=1000 + number), code=f"M{number:07d}", branch="NSN", name=name, id_last4="9012", phone="0812345678",
        status="active", version=1, check=check, verdict=verdict(number),
        account=AccountView(
            version=1 + number % 2, bank=bank, last4=digits[-4:], name=name, effective_at="2026-01-01T00:00:00.000Z"
        ),
    )  # fmt: skip


def verdict(number: int) -> AccountVerdict:
    good = fit(number) == 100
    at, until = "2026-11-20T03:50:00.000Z", "2026-11-21T03:50:00.000Z"
    return AccountVerdict(says="confirmed" if good else "name_differs", at=at, good_until=until if good else "")


def fit(number: int) -> int:
    return 40 if number == BAD_FIT else 100


def bank_name(number: int) -> str:
    return "นายสมชาย ศรีสุข" if number == BAD_FIT else NAMES[number % 10]


def amount_of(number: int) -> Satang:
    return Satang((number * 7_919_113 + 611_374) % 24_000_000 + 50_000)


def intent_sheet(number: int) -> IntentSheet:
    who = member(number)
    assert who.account is not None
    return IntentSheet(
        id=UUID(int=20_000 + number), number=f"PV2611-{number:07d}", operation="disbursement", branch="NSN",
        member_id=who.id, member_code=who.code, payee=who.name, bank=who.account.bank, account=account_of(number),
        account_version=who.account.version, amount=amount_of(number), payout=amount_of(number), currency="THB",
        produce="ข้าวหอมมะลิ",
        weigh_ticket=f"W-6811-{440 + number:04d}", note="",
    )  # fmt: skip


def intent(number: int, *, maker: UUID = SUDA, version: int = 1, state: str = "validated") -> IntentView:
    sheet, who = intent_sheet(number), member(number)
    assert who.account is not None
    return IntentView(
        id=sheet.id, number=sheet.number, state=state, operation=sheet.operation, branch="NSN", member_id=who.id,
        member_code=who.code, member_name=who.name,
        account=PaidAccount(bank=sheet.bank, last4=sheet.account[-4:], name=who.name),
        account_version=sheet.account_version, amount=format_amount(sheet.amount), fee="0.00", currency="THB",
        channel="scb", produce=sheet.produce, weigh_ticket=sheet.weigh_ticket, note="",
        maker="สุดา แก้วใส" if maker == SUDA else "วรรณา ใจดี", maker_id=maker,
        approvals=Approvals(needed=1, given=0, roles=["manager"]), batch_id=None, line=0, failure_code="",
        failure_text="", created_at=f"2026-11-21T0{number % 3}:{(number * 7) % 60:02d}:00.000Z", expires_at=LATER,
        changed_at="2026-11-21T02:00:00.000Z", version=version,
    )  # fmt: skip


def sheets(numbers: list[int], *, batch_version: int = 0) -> OpenSheetReply:
    items, pairs = [], []
    for number in numbers:
        data = sheet_bytes(intent_sheet(number))
        items.append(
            SheetItem(
                id=intent_sheet(number).id,
                version=1,
                sheet=base64.b64encode(data).decode(),
                bank_name=bank_name(number),
                match=fit(number),
                verdict=verdict(number),
            )
        )
        pairs.append((digest(data), amount_of(number)))
    total = format_amount(Satang(sum(amount for _, amount in pairs)))
    return OpenSheetReply(
        items=items, count=len(items), total=total, digest=digest(set_bytes(pairs)), batch_version=batch_version
    )


def batch(count: int = 24, *, version: int = 1) -> BatchView:
    total = format_amount(Satang(sum(amount_of(n) for n in range(100, 100 + count))))
    return BatchView(
        id=UUID(int=30_001), number="BT2611-0000012", branch="NSN", state="validated", count=count, total=total,
        note="ข้าวนาปี สาขา NSN 20 พ.ย. 69", file_sha256="9f3c" * 16, maker="สุดา แก้วใส", maker_id=SUDA,
        approvals=Approvals(needed=1, given=0, roles=["manager"]), states={"validated": count},
        created_at="2026-11-20T23:10:00.000Z", expires_at=LATER, version=version,
    )  # fmt: skip


def change_sheet(number: int) -> BankChangeSheet:
    who = member(number + CHANGES_FROM)
    assert who.account is not None
    return BankChangeSheet(
        id=UUID(int=40_000 + number), number=f"BC2611-{number:07d}", branch="NSN", member_id=who.id,
        member_code=who.code, member_name=who.name, old_version=who.account.version, old_bank=who.account.bank,
        old_account=account_of(number + CHANGES_FROM), new_bank="004", new_account=f"{1_112_223_330 + number:010d}",
        new_account_name=who.name, reason="บัญชีเดิมปิดแล้ว เปลี่ยนไปใช้บัญชีใหม่ตามสมุดบัญชีที่แนบ",
        documents=("ab12" * 16, "cd34" * 16),
    )  # fmt: skip


def change(number: int, *, state: str = "requested", maker: UUID = SUDA, reused: bool = False) -> BankChangeView:
    sheet = change_sheet(number)
    documents = [
        DocumentView(sha256="ab12" * 16, name="สมุดบัญชี.png", media_type="image/png", size=184_320),
        DocumentView(
            sha256="cd34" * 16, name="หนังสือยินยอม.pdf", media_type="application/pdf", size=96_256, used_elsewhere=reused
        ),
    ]
    signed = SignatureView(
        user="มาลี ดีงาม", role="manager", decision="approve", reason="", at="2026-11-21T01:20:00.000Z"
    )
    return BankChangeView(
        id=sheet.id, number=sheet.number, branch="NSN", member_id=sheet.member_id, member_code=sheet.member_code,
        member_name=sheet.member_name, state=state, old_bank=sheet.old_bank, old_last4=sheet.old_account[-4:],
        new_bank=sheet.new_bank, new_last4=sheet.new_account[-4:], new_account_name=sheet.new_account_name,
        reason=sheet.reason, maker="สุดา แก้วใส" if maker == SUDA else "วรรณา ใจดี", maker_id=maker,
        documents=documents, signatures=[signed] if state == "effective" else [], needed=["manager", "treasurer"],
        created_at=f"2026-11-20T0{number % 9}:15:00.000Z", expires_at=LATER, version=1,
        asked=asked(sheet.new_account_name, fits=number % 2 == 1),
    )  # fmt: skip


def asked(name: str, *, fits: bool = True) -> AskedBankView:
    return AskedBankView(
        state="done",
        requested_at="2026-11-20T01:15:00.000Z",
        checked_at="2026-11-20T01:15:02.000Z",
        bank_name=name if fits else "นางสาวปราณี โพธิ์ประเสริฐ",
        status="ACTIVE",
        match=100 if fits else 31,
        verdict=verdict(0 if fits else BAD_FIT),
    )


def change_reply(number: int) -> BankChangeSheetReply:
    data = sheet_bytes(change_sheet(number))
    return BankChangeSheetReply(sheet=base64.b64encode(data).decode(), digest=digest(data), version=1)


def funding(number: int, *, state: str = "requested", maker: UUID = SUDA) -> FundingView:
    sheet = FundingSheet(
        id=UUID(int=50_000 + number), number=f"FD2611-{number:07d}", branch="NSN", amount=Satang(200_000_000),
        currency="THB", reason="เติมเงินสำหรับรับซื้อข้าวนาปีสัปดาห์นี้",
    )  # fmt: skip
    data = sheet_bytes(sheet)
    return FundingView(
        id=sheet.id, number=sheet.number, branch="NSN", amount="2000000.00", reason=sheet.reason, state=state,
        maker="สุดา แก้วใส" if maker == SUDA else "วรรณา ใจดี", maker_id=maker, signatures=[],
        created_at=f"2026-11-21T01:0{number}:00.000Z", expires_at=LATER, version=1,
        sheet=base64.b64encode(data).decode(), digest=digest(data),
    )  # fmt: skip


def statement(number: int) -> records.StatementView:
    return records.StatementView(
        id=UUID(int=60_000 + number), account_last4="4412", number=f"2611{21 - number:02d}-1",
        date=f"2026-11-{21 - number:02d}", opening="4120500.00", closing="3908244.50", lines=7,
        file_name=f"MT940_{21 - number:02d}112026.txt", imported_at=f"2026-11-{21 - number:02d}T11:02:00.000Z",
    )  # fmt: skip


def statement_detail(number: int) -> records.StatementDetail:
    lines, balance = [], 412_050_000
    results = ("matched", "matched", "mismatched", "matched", "unexpected", "returned", "matched")
    for at, result in enumerate(results):
        amount = amount_of(at) if result in ("returned", "unexpected") else Satang(-amount_of(at))
        balance += amount
        lines.append(
            records.StatementLineView(
                sequence=at + 1,
                booked_at=f"2026-11-21T0{2 + at}:14:00.000Z",
                amount=format_amount(amount),
                balance=format_amount(Satang(balance)),
                reference=f"SHF{26110000 + at}",
                result=result,
                description="โอนเงินค่าข้าวหอมมะลิ",
                intent_number="" if result == "unexpected" else f"PV2611-{at:07d}",
            )
        )
    return records.StatementDetail(statement=statement(number), lines=lines)


def reconciliation(wanted: str) -> records.ReconciliationList:
    reasons = {
        "matched": "",
        "mismatched": "amount",
        "settlement_pending": "day_not_over",
        "missing_settlement": "not_on_statement",
        "unexpected": "unknown_reference",
        "returned": "",
    }
    rows = [
        records.ReconciliationView(
            id=UUID(int=70_000 + at), result=result, branch="NSN", intent_id=None,
            intent_number="" if result == "unexpected" else f"PV2611-{at:07d}",
            amount_expected="" if result == "unexpected" else format_amount(amount_of(at)),
            amount_found="" if "settlement" in result else format_amount(Satang(amount_of(at) - OFF.get(result, 0))),
            reference=f"SHF{26110000 + at}",
            reason=reasons[result], date=f"2026-11-{20 - at % 5:02d}",
        )
        for at, result in enumerate([*reasons, "mismatched", "unexpected", "returned"] * 2)
        if wanted in ("", result)
    ]  # fmt: skip
    counts = {"matched": 1204, "mismatched": 4, "settlement_pending": 18, "missing_settlement": 2, "unexpected": 4,
              "returned": 4}  # fmt: skip
    return records.ReconciliationList(counts=counts, results=rows)


def liquidity() -> records.LiquidityReply:
    names = (("NSN", "นครสวรรค์", "Nakhon Sawan"), ("PHS", "พิษณุโลก", "Phitsanulok"), ("KKN", "ขอนแก่น", "Khon Kaen"))
    branches = [
        records.BranchLiquidity(
            branch=code, name_th=th, name_en=en, posted=f"{4 - at}120500.00", held=f"{1 + at}90200.25",
            available=f"{(4 - at) * 1000000 + 120500 - (1 + at) * 100000 - 90200}.75", transit="84150.00",
            waiting=23 - 9 * at, as_of="2026-11-21T03:42:08.000Z",
        )
        for at, (code, th, en) in enumerate(names)
    ]  # fmt: skip
    return records.LiquidityReply(branches=branches, treasury="38250000.00")


def everything() -> list[tuple[str, list[Any]]]:
    """Kind and rows, as the cache takes them."""
    return [
        ("members", [member(n) for n in range(30)]),
        ("intents", [intent(n) for n in range(7)] + [intent(7, maker=ME)]),
        ("batches", [batch()]),
        ("bank_changes", [change(1), change(2, reused=True), change(4, maker=ME), change(5, state="effective")]),
        ("funding", [funding(1), funding(2, state="effective"), funding(3, state="rejected", maker=ME)]),
    ]
