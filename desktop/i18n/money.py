"""What an amount field says back."""

from __future__ import annotations

from typing import Final

from desktop.i18n.text import Text, pick
from shared.money import AmountProblem

AMOUNT = Text("จำนวนเงิน (บาท)", "Amount (THB)")
AMOUNT_AGAIN = Text("ใส่จำนวนเงินอีกครั้ง", "Type the amount again")
AMOUNTS_EQUAL = Text("ตรงกัน", "They agree")

PROBLEM: Final[dict[AmountProblem, Text]] = {
    AmountProblem.EMPTY: Text("ใส่จำนวนเงิน", "Enter an amount"),
    AmountProblem.NOT_A_NUMBER: Text("ใส่เป็นตัวเลข|เช่น 48,250.00", "Write a number such as 48,250.00"),
    AmountProblem.TOO_MANY_DECIMALS: Text("ทศนิยม|ไม่เกิน|สองตำแหน่ง", "At most two decimals"),
    AmountProblem.NOT_POSITIVE: Text("ยอดเงิน|ต้องมากกว่า 0", "The amount must be above 0"),
    AmountProblem.TOO_LARGE: Text("ยอดเงิน|สูงเกินไป", "The amount is too large"),
}


def difference(amount: str) -> str:
    """The two amounts disagree by `amount`."""
    return pick(f"ยอดสองช่อง|ไม่ตรงกัน ต่างกัน {amount} บาท", f"The two amounts differ by {amount} THB")
