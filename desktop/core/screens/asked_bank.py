"""What the bank's answer about a bank change's new account says, for the case's panel and the sign-off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from desktop.core.lights import Light, account_light
from desktop.core.screens.cautions import Caution
from shared.wire.bank_changes import AskedBankView
from shared.wire.members import AccountVerdict


@dataclass(frozen=True)
class BankWord:
    """`name` is the bank's, empty without an answer."""

    light: Light
    name: str = ""

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What a signer acknowledges: everything but a confirmation."""
        return () if self.light.green else (Caution(self.light.text),)


def bank_word(asked: AskedBankView | None, now: datetime) -> BankWord:
    """Not asked, asked, no answer, closed, another name, too old, or confirmed."""
    if asked is None:
        return BankWord(account_light(AccountVerdict(says="none"), now))
    return BankWord(account_light(asked.verdict, now), asked.bank_name)
