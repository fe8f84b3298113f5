"""What the demo company looks like: branches, who works there, how much money it begins with."""

from __future__ import annotations

from typing import Final

import msgspec

from server.bootstrap import HEAD_OFFICE_BRANCH, NewBranch
from shared.money import Satang
from shared.permissions import Role

SEED: Final = 1
TREASURY: Final = Satang(500_000_000_00)
"""The same as the sandbox bank's opening balance of the company account."""

BRANCH_FUNDS: Final = Satang(20_000_000_00)

BRANCHES: Final = (
    NewBranch("NSN", "นครสวรรค์", "Nakhon Sawan"),
    NewBranch("KKN", "ขอนแก่น", "Khon Kaen"),
    NewBranch("CRI", "เชียงราย", "Chiang Rai"),
    NewBranch("UBN", "อุบลราชธานี", "Ubon Ratchathani"),
    NewBranch("SPB", "สุพรรณบุรี", "Suphan Buri"),
)


class Worker(msgspec.Struct, frozen=True):
    """One user of the demo with a desk of their own."""

    username: str
    name: str
    branch: str
    role: Role


WORKERS: Final = (
    Worker("cashier.nsn", "กมลวรรณ ศรีสวัสดิ์", "NSN", Role.CASHIER),
    Worker("manager.nsn", "วีรชัย พงษ์ประเสริฐ", "NSN", Role.MANAGER),
    Worker("cashier.kkn", "พรนภา อินทรสุวรรณ", "KKN", Role.CASHIER),
    Worker("manager.kkn", "ธนากร ศรีบุญเรือง", "KKN", Role.MANAGER),
    Worker("cashier.cri", "จิราพร คำแสน", "CRI", Role.CASHIER),
    Worker("manager.cri", "อนุชา ไชยวงค์", "CRI", Role.MANAGER),
    Worker("cashier.ubn", "รัตนา บุญเที่ยง", "UBN", Role.CASHIER),
    Worker("manager.ubn", "สมเกียรติ จันทร์แจ้ง", "UBN", Role.MANAGER),
    Worker("cashier.spb", "อรทัย ปานทอง", "SPB", Role.CASHIER),
    Worker("manager.spb", "ศักดิ์ชัย เกตุแก้ว", "SPB", Role.MANAGER),
    Worker("treasurer", "นันทิยา วัฒนกุล", HEAD_OFFICE_BRANCH.code, Role.TREASURER),
    Worker("auditor", "ประพันธ์ เลิศวิริยะ", HEAD_OFFICE_BRANCH.code, Role.AUDITOR),
    Worker("admin", "ชนินทร์ รุ่งเรือง", HEAD_OFFICE_BRANCH.code, Role.ADMINISTRATOR),
)
