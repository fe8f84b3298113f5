"""Golden vectors of the signed bytes: a change here breaks every signature ever given, so it needs a new heading."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import canonical
from shared.canonical import (
    BankChangeSheet,
    DepositSheet,
    FundingSheet,
    IntentSheet,
    RestoreSheet,
    RoutesSheet,
    RuleSheet,
    SetAsideSheet,
    parse_sheet,
    sheet_bytes,
)
from shared.money import Satang

INTENT = IntentSheet(
    id=UUID("0192f0c2-0000-7000-8000-000000000001"),
    number="PV2611-0000123",
    operation="disbursement",
    branch="NSN",
    member_id=UUID("0192f0c2-0000-7000-8000-000000000002"),
    member_code="M0004412",
    payee="นางสาวพิมพ์ชนก แก้วมณี",
    bank="034",
    account="012345674412",
    account_version=3,
    amount=Satang(4825000),
    fee=Satang(1000),
    post_fee=Satang(2500),
    advance=Satang(100000),
    payout=Satang(4722500),
    currency="THB",
    produce="ข้าวหอมมะลิ",
    weigh_ticket="W-6811-0442",
    note="",
    documents=("aa" * 32,),
)
BANK_CHANGE = BankChangeSheet(
    id=UUID("0192f0c2-0000-7000-8000-000000000003"),
    number="BC2611-0000007",
    branch="NSN",
    member_id=INTENT.member_id,
    member_code="M0004412",
    member_name="นางสาวพิมพ์ชนก แก้วมณี",
    old_version=3,
    old_bank="034",
    old_account="012345674412",
    new_bank="014",
    new_account="1234567890",
    new_account_name="พิมพ์ชนก แก้วมณี",
    reason="ย้ายบัญชี",
    documents=("bb" * 32, "cc" * 32),
)
FUNDING = FundingSheet(
    id=UUID("0192f0c2-0000-7000-8000-000000000004"),
    number="FN2611-0000001",
    branch="NSN",
    amount=Satang(100),
    currency="THB",
    reason="ฤดูเก็บเกี่ยว",
)

DEPOSIT = DepositSheet(
    id=UUID("0192f0c2-0000-7000-8000-000000000006"),
    number="DP2611-0000001",
    amount=Satang(100000000),
    currency="THB",
    received_on="2026-11-21",
    payer="บริษัท ข้าวไทย จำกัด",
    reference="TR-9",
    reason="เงินทุนหมุนเวียน",
    duplicate_reason="",
    statement_line="statement 1 of 2026-11-21 line 1 (0192f0c2-0000-7000-8000-000000000007)",
    documents=("dd" * 32,),
)
SET_ASIDE = SetAsideSheet(
    id=UUID("0192f0c2-0000-7000-8000-000000000008"),
    action="set_aside",
    statement_id=UUID("0192f0c2-0000-7000-8000-000000000009"),
    account="3338",
    statement="1",
    date="2026-11-21",
    opening="9000000.00",
    closing="8951750.00",
    lines=1,
    file="ee" * 32,
    reason="ปีพุทธศักราช",
)
RESTORE = RestoreSheet(
    id=UUID("0192f0c2-0000-7000-8000-00000000000a"),
    report="ff" * 32,
    made_at="2026-11-30T12:00:00Z",
    found_by="position, desk",
    payments=50,
    total="2164174.50",
    exceptions=3,
    reason="กู้คืนจากสำรองของเมื่อวาน",
)
RULE = RuleSheet(
    id=UUID("0192f0c2-0000-7000-8000-000000000005"),
    code="cap-member",
    revision=2,
    kind="limit",
    scope="member",
    name_th="เพดานต่อสมาชิก",
    name_en="Cap for each member",
    expression='branch == "NSN"',
    single_amount=None,
    day_amount=Satang(50000000),
    day_count=10,
    month_amount=None,
    month_count=None,
    enabled=True,
    effective_from="2026-12-01",
    reason="ฤดูเก็บเกี่ยว",
)
ROUTES = RoutesSheet(
    id=UUID("0192f0c2-0000-7000-8000-00000000000b"),
    effective_from="2026-12-01T00:00:00Z",
    reason="ยอดเล็กไปทางไฟล์",
    routes=("disbursement::0.01-1000.00:0-10080:scb_file", "transfer::0.01-1000.00:0-60+120-10080:internal"),
)

INTENT_TEXT = """sheaf-intent-v2
id=0192f0c2-0000-7000-8000-000000000001
number=PV2611-0000123
operation=disbursement
branch=NSN
member_id=0192f0c2-0000-7000-8000-000000000002
member_code=M0004412
payee=นางสาวพิมพ์ชนก แก้วมณี
bank=034
account=012345674412
account_version=3
source=funding
destination=bank
counterparty=
amount=48250.00
fee=10.00
post_fee=25.00
advance=1000.00
payout=47225.00
currency=THB
produce=ข้าวหอมมะลิ
weigh_ticket=W-6811-0442
note=
duplicate_reason=
documents=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
"""


def test_the_intent_sheet_is_byte_for_byte_what_it_was() -> None:
    assert sheet_bytes(INTENT).decode() == INTENT_TEXT


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (sheet_bytes(INTENT), "41d392b2e1e23be5af0c81fa2aa8e20437fcfd0cd8bf793b502e45fd33ba4c9f"),
        (sheet_bytes(BANK_CHANGE), "8dcaf10b592c67a4e41270758d71743e6314d09ddc290f0ad0c9dedb039444a9"),
        (sheet_bytes(RULE), "30fa1870f45ce9915d46bfac5b51ee0ee7bae5ad75a7cb6de75ac47020323411"),
        (sheet_bytes(ROUTES), "848bc37fd89f9468f7edfd03e39c5d045ce794bdb5afc074964c149e860c6e3d"),
        (sheet_bytes(DEPOSIT), "db17178e21a9a76c9106e1ac6001c09a63e2cbdc20722061f8d428755cd48860"),
        (sheet_bytes(SET_ASIDE), "9c3cdaec62dd5abe82c12eb40a92959f932e93103082ec78a70010fb36471119"),
        (sheet_bytes(RESTORE), "4f74be48ea5ae4bff5a73be2fca83bc51a94c4b7f133c85d9eb2d108372332eb"),
        (sheet_bytes(FUNDING), "4a935276aff34aa65ae3d15224d58507f94f10c9b3cb64eba476ceaf0a7f47a4"),
        (
            canonical.set_bytes([("11" * 32, Satang(100)), ("22" * 32, Satang(205))]),
            "838e51bc0f4970d34becfe41c9cac2f86e0c5d7df837431fa616067a0227fc0f",
        ),
        (
            canonical.sign_off_bytes("approve", "33" * 32, ""),
            "953a5dfe64eb36cd625aa1cdeea549bdc8b916d0ba10d328387b8b323981a386",
        ),
        (
            canonical.operation_bytes("sign_off", ["a", "b"], "44" * 32),
            "500da49a5d3325037db200308b025e76effc3933f4411c75193c85a855edca7c",
        ),
        (
            canonical.device_proof_bytes("POST", "/api/v1/intents?x=1", "1763690400", "n-1", b"{}"),
            "a79340383e170bc3a705fb4ad3321b921b85a39e02025d231b8ad3f245ab9cd9",
        ),
    ],
    ids=[
        "intent",
        "bank change",
        "rule",
        "routes",
        "deposit",
        "set aside",
        "restore",
        "funding",
        "set",
        "sign-off",
        "operation",
        "device proof",
    ],
)
def test_golden_digests(data: bytes, digest: str) -> None:
    assert canonical.digest(data) == digest


@pytest.mark.parametrize("sheet", [INTENT, BANK_CHANGE, DEPOSIT, SET_ASIDE, RESTORE, FUNDING, RULE, ROUTES])
def test_a_sheet_reads_back_as_itself(sheet: canonical.Sheet) -> None:
    assert parse_sheet(sheet_bytes(sheet)) == sheet


@given(st.binary(max_size=200))
def test_bytes_that_are_not_canonical_are_never_shown(data: bytes) -> None:
    with pytest.raises(ValueError):
        parse_sheet(data)


@given(st.integers(0, len(INTENT_TEXT.encode()) - 1), st.integers(0, 255))
def test_one_changed_byte_is_another_sheet_or_none(position: int, byte: int) -> None:
    data = bytearray(sheet_bytes(INTENT))
    if data[position] == byte:
        return
    data[position] = byte
    try:
        changed = parse_sheet(bytes(data))
    except ValueError:
        return
    assert changed != INTENT
    assert sheet_bytes(changed) == bytes(data)


@pytest.mark.parametrize("field", ["amount", "post_fee", "advance", "payout"])
def test_a_sheet_whose_money_does_not_add_up_is_never_shown(field: str) -> None:
    forged = msgspec.structs.replace(INTENT, **{field: Satang(getattr(INTENT, field) + 1)})
    with pytest.raises(ValueError, match="payout"):
        parse_sheet(sheet_bytes(forged))


def test_a_line_break_in_a_value_is_never_signed() -> None:
    with pytest.raises(ValueError, match="line break"):
        sheet_bytes(msgspec.structs.replace(INTENT, note="a\namount=1.00"))
