"""What the bank's answer about a bank change's new account says, decided once for the case's panel and the sign-off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from desktop.core.screens.cautions import GOOD_MATCH, Caution
from desktop.i18n import asked_bank as words
from desktop.i18n.text import Text
from shared.wire.bank_changes import AskedBankView

Tone = Literal["ok", "bad", "wait", "quiet"]


@dataclass(frozen=True)
class BankWord:
    """`name` is the bank's, empty without an answer; only `ok` says that it confirms the account."""

    tone: Tone
    text: Text
    name: str = ""

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What a signer acknowledges: everything but a confirmation."""
        return () if self.tone == "ok" else (Caution(self.text),)


def bank_word(asked: AskedBankView | None) -> BankWord:
    """Not asked, asked, no answer, closed or blocked, another name, or confirmed."""
    if asked is None:
        return BankWord("quiet", words.NOT_ASKED)
    if asked.state == "requested":
        return BankWord("wait", words.ASKED)
    if asked.state != "done":
        return BankWord("bad", words.NO_ANSWER)
    if asked.status != "ACTIVE":
        return BankWord("bad", words.NOT_ACTIVE, asked.bank_name)
    if asked.match < GOOD_MATCH:
        return BankWord("bad", words.OTHER_NAME, asked.bank_name)
    return BankWord("ok", words.CONFIRMED, asked.bank_name)
