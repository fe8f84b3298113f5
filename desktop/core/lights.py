"""What each light says - colour, icon, word, reason - from the server's verdict: the only place that chooses green.

Green needs a positive verdict of the server that is still fresh. What is absent, awaited, failed, too old or unknown
has a face and a word of its own; a fact that the desk can see for itself is a plain tick without a colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

from desktop.core.answers import Failure, Offline
from desktop.core.clock import parse_instant
from desktop.i18n import lights as words
from desktop.i18n.text import Text
from shared.refusals import RefusalCode
from shared.wire.members import AccountVerdict, ValidationView

Tone = Literal["ok", "bad", "wait", "quiet"]
FRESH: Final = timedelta(minutes=10)
"""How long the server's word on a member or a form is shown as its word."""
PULLED: Final = timedelta(minutes=2)
"""How long the desk's copy stands for the server's: four polls."""
_AHEAD: Final = timedelta(seconds=5)
"""The desk's idea of the server's time is only as good as that."""


class Answer(StrEnum):
    """What became of a question."""

    YES = "yes"
    NO = "no"
    CARE = "care"
    ASKING = "asking"
    NOT_ASKED = "not_asked"
    NO_ANSWER = "no_answer"
    STALE = "stale"
    UNKNOWN = "unknown"
    SEEN = "seen"


@dataclass(frozen=True)
class Finding:
    """An answer to one question, in which words, and from when till when it holds (aware UTC)."""

    answer: Answer
    text: Text
    reason: Text | None = None
    since: datetime | None = None
    good_until: datetime | None = None


@dataclass(frozen=True)
class Light:
    """How a finding is shown. `reason` explains a light that is not green, where there is more to say."""

    tone: Tone
    icon: str
    text: Text
    reason: Text | None = None

    @property
    def green(self) -> bool:
        """The server said yes, and that still holds."""
        return self.tone == "ok"

    @property
    def all_text(self) -> Text:
        """Both in one line, the reason first: nobody should read a promise before the word that takes it back."""
        if self.reason is None:
            return self.text
        return Text(f"{self.reason.th} · {self.text.th}", f"{self.reason.en} · {self.text.en}")


_FACES: Final[dict[Answer, tuple[Tone, str]]] = {
    Answer.YES: ("ok", "circle-check"),
    Answer.NO: ("bad", "circle-x"),
    Answer.CARE: ("wait", "triangle-alert"),
    Answer.ASKING: ("quiet", "hourglass"),
    Answer.NOT_ASKED: ("quiet", "circle-dashed"),
    Answer.NO_ANSWER: ("wait", "cloud-off"),
    Answer.STALE: ("wait", "history"),
    Answer.UNKNOWN: ("quiet", "circle-help"),
    Answer.SEEN: ("quiet", "check"),
}
_WORDS: Final[dict[Answer, Text]] = {
    Answer.ASKING: words.ASKING,
    Answer.NOT_ASKED: words.NOT_ASKED,
    Answer.NO_ANSWER: words.NO_ANSWER,
    Answer.STALE: words.STALE,
    Answer.UNKNOWN: words.UNKNOWN,
}
"""What is said beside the question itself where there is no verdict."""


def light(finding: Finding, now: datetime) -> Light:
    """The light of a finding at `now`. A yes without an instant, from the future, or past its time is none."""
    answer = finding.answer
    if answer is Answer.YES and not _holds(finding, now):
        answer = Answer.UNKNOWN if finding.since is None or finding.good_until is None else Answer.STALE
    tone, icon = _FACES[answer]
    said = _WORDS.get(answer)
    reason = finding.reason if finding.answer is answer and finding.reason is not None else said
    return Light(tone, icon, finding.text, None if reason == finding.text else reason)


def _holds(finding: Finding, now: datetime) -> bool:
    since, until = finding.since, finding.good_until
    return since is not None and until is not None and since - _AHEAD <= now <= until


_ACCOUNT: Final[dict[str, tuple[Answer, Text]]] = {
    "confirmed": (Answer.YES, words.CONFIRMED),
    "name_differs": (Answer.NO, words.NAME_DIFFERS),
    "closed": (Answer.NO, words.CLOSED),
    "not_found": (Answer.NO, words.NOT_FOUND),
    "not_active": (Answer.NO, words.NOT_ACTIVE),
    "no_account": (Answer.NO, words.NO_ACCOUNT),
    "not_needed": (Answer.SEEN, words.NOT_NEEDED),
    "stale": (Answer.STALE, words.BANK_STALE),
    "no_answer": (Answer.NO_ANSWER, words.BANK_SILENT),
    "asking": (Answer.ASKING, words.BANK_ASKED),
    "none": (Answer.NOT_ASKED, words.BANK_NOT_ASKED),
}
"""The bank's word speaks for itself: no second word is put beside it."""


def account_light(verdict: AccountVerdict | None, now: datetime) -> Light:
    """What the bank says of an account, as the server judged it."""
    said = verdict.says if verdict is not None else "unknown"
    answer, text = _ACCOUNT.get(said, (Answer.UNKNOWN, words.BANK_UNKNOWN))
    since = _instant(verdict.at) if verdict is not None else None
    until = _instant(verdict.good_until) if verdict is not None else None
    shown = light(Finding(answer, text, since=since, good_until=until), now)
    if answer is Answer.YES and not shown.green:
        return Light(shown.tone, shown.icon, words.BANK_STALE if since and until else words.BANK_UNKNOWN)
    return Light(shown.tone, shown.icon, shown.text)


@dataclass(frozen=True)
class Asked:
    """A question to the server about a member: its verdict, or why there is none, or that it is under way."""

    verdict: ValidationView | None = None
    failure: Failure | None = None
    busy: bool = False


def payable_light(
    asked: Asked, question: Text, now: datetime, *, ignore: frozenset[RefusalCode] = frozenset()
) -> Light:
    """Whether the member may be paid; reasons in `ignore` do not count."""
    verdict = asked.verdict
    if verdict is None:
        return light(Finding(_absent(asked), question, _why(asked)), now)
    reasons = [one for one in verdict.reasons if one.code not in ignore]
    if reasons:
        return no_light(Text(reasons[0].detail_th, reasons[0].detail_en), now)
    if not verdict.payable and not verdict.reasons:
        return light(Finding(Answer.UNKNOWN, question), now)
    return light(_said_yes(question, verdict), now)


def reason_light(asked: Asked, code: RefusalCode, question: Text, now: datetime) -> Light:
    """One of the verdict's parts: good unless the server named this reason."""
    verdict = asked.verdict
    if verdict is None:
        return light(Finding(_absent(asked), question, _why(asked)), now)
    found = next((one for one in verdict.reasons if one.code == code), None)
    if found is not None:
        return no_light(Text(found.detail_th, found.detail_en), now)
    return light(_said_yes(question, verdict), now)


def copy_light(found: Text | None, question: Text, pulled_at: datetime | None, now: datetime) -> Light:
    """What the desk's copy of the server's rows says: `found` is what speaks against it, None when nothing does."""
    if found is not None:
        return light(Finding(Answer.CARE, found), now)
    until = pulled_at + PULLED if pulled_at is not None else None
    return light(Finding(Answer.YES, question, since=pulled_at, good_until=until), now)


def said_light(question: Text, at: datetime | None, now: datetime, failure: Failure | None = None) -> Light:
    """A yes that the server gave at `at`; without one, that it was not asked or did not answer."""
    if at is None:
        absent = Answer.NOT_ASKED if failure is None else Answer.NO_ANSWER
        return light(Finding(absent, question), now)
    return light(Finding(Answer.YES, question, since=at, good_until=at + FRESH), now)


def no_light(text: Text, now: datetime) -> Light:
    """The server said no, and why."""
    return light(Finding(Answer.NO, text), now)


def care_light(text: Text, now: datetime) -> Light:
    """A person must look."""
    return light(Finding(Answer.CARE, text), now)


def waiting_light(text: Text, now: datetime, *, asking: bool = False) -> Light:
    """Nobody has asked yet, or the answer is awaited."""
    return light(Finding(Answer.ASKING if asking else Answer.NOT_ASKED, text), now)


def seen_light(text: Text, now: datetime) -> Light:
    """The desk can see it for itself: two amounts are equal, bytes fit their digest. No verdict, so no colour."""
    return light(Finding(Answer.SEEN, text), now)


def _said_yes(question: Text, verdict: ValidationView) -> Finding:
    at = _instant(verdict.as_of)
    return Finding(Answer.YES, question, since=at, good_until=at + FRESH if at is not None else None)


def _absent(asked: Asked) -> Answer:
    if asked.busy:
        return Answer.ASKING
    return Answer.NOT_ASKED if asked.failure is None else Answer.NO_ANSWER


def _why(asked: Asked) -> Text | None:
    failure = asked.failure
    if asked.busy or failure is None or isinstance(failure, Offline) or not failure.detail_en:
        return None
    return Text(failure.detail_th, failure.detail_en)


def _instant(text: str) -> datetime | None:
    return parse_instant(text) if text else None
