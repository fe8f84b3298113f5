"""What a file outside proves about the database: pure decisions from both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from server.restore.journal import Known


class Kind(StrEnum):
    """What has told that the database is behind."""

    POSITION = "position"
    HISTORY = "history"
    NO_FILE = "no_file"
    DAMAGED_FILE = "damaged_file"
    DESK = "desk"
    PERSON = "person"


class Witness(msgspec.Struct, frozen=True):
    """One fact that is known elsewhere and not here; the same kind and subject is the same fact."""

    kind: Kind
    subject: str
    detail: str


def told_by_person(who: str, what: str, now: datetime) -> Witness:
    """Somebody says that this database was put back. Each time is a fact of its own: what people agreed about one
    restore, and what of it came back with a copy, says nothing about the next one."""
    return Witness(Kind.PERSON, f"{who} {now.isoformat(timespec='microseconds')}", what)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the database knows. `settled` are the restores that were agreed and settled, oldest first."""

    installation: str
    positions: Mapping[UUID, int]
    settled: Sequence[UUID]
    beats: Mapping[UUID, int]
    """How often each file was found true: one that grows belongs to an executor that lives here now."""

    @property
    def restore(self) -> UUID | None:
        """The last agreed one."""
        return self.settled[-1] if self.settled else None


class Standing(StrEnum):
    """How a file fits the database."""

    NEW = "new"
    FOREIGN = "foreign"
    FITS = "fits"
    OLDER = "older"
    """It was written before people agreed on a restore: its history is not this one's any more."""


def standing(file: Known, facts: Facts) -> Standing:
    """How a file fits: by whose it is, and by the last restore that it has heard of."""
    if file.is_new:
        return Standing.NEW
    if file.installation != facts.installation:
        return Standing.FOREIGN
    return Standing.FITS if file.restore == facts.restore else Standing.OLDER


def found(file: Known, facts: Facts, lost_history: Sequence[int]) -> list[Witness]:
    """What a file of this installation proves; `lost_history` are branches whose audit entries are not here.

    A position ahead of its row is a confirm that this database has forgotten. A file that knows of a restore that the
    database does not is later than it, whatever else it says.
    """
    how = standing(file, facts)
    if how in (Standing.NEW, Standing.FOREIGN):
        return []
    subject = str(file.file_id)
    row = facts.positions.get(file.file_id)
    if file.position > (row or 0):
        return [Witness(Kind.POSITION, subject, f"{file.position} here {row if row is not None else '-'}")]
    later = file.restore is not None and file.restore not in facts.settled
    if later or (how is Standing.FITS and lost_history):
        branches = ", ".join(str(branch) for branch in lost_history)
        return [Witness(Kind.HISTORY, subject, f"restore {file.restore}" if later else f"branches {branches}")]
    return []


def vouched(file: UUID, before: Mapping[UUID, int] | None, now: Mapping[UUID, int]) -> bool:
    """Whether another file was found true since `before`, when it was looked at first: by no clock."""
    return before is not None and any(beats > before.get(one, -1) for one, beats in now.items() if one != file)


def without_file(facts: Facts) -> Witness | None:
    """What it means that an executor has no file and nobody vouches: nothing where none ever was, else a stop.

    Nothing here tells whether this is the database that paid last: the machine with the file may be gone with it.
    """
    if not facts.positions:
        return None
    return Witness(Kind.NO_FILE, "executor", f"{len(facts.positions)} files are known here")


TEXTS: Mapping[Kind, tuple[str, str]] = {
    Kind.POSITION: (
        "an executor's own file knows of payments that this database has forgotten",
        "แฟ้มของตัวส่งเงินรู้จักการจ่ายที่ฐานข้อมูลนี้ไม่มี",
    ),
    Kind.HISTORY: (
        "an executor's own file knows of changes that this database has forgotten",
        "แฟ้มของตัวส่งเงินรู้จักการเปลี่ยนแปลงที่ฐานข้อมูลนี้ไม่มี",
    ),
    Kind.NO_FILE: (
        "an executor has no position file, and no other one vouches for this database",
        "ตัวส่งเงินไม่มีแฟ้มตำแหน่ง และไม่มีตัวอื่นยืนยันฐานข้อมูลนี้",
    ),
    Kind.DAMAGED_FILE: (
        "an executor's position file can't be read, and no other one vouches for this database",
        "อ่านแฟ้มตำแหน่งของตัวส่งเงินไม่ได้ และไม่มีตัวอื่นยืนยันฐานข้อมูลนี้",
    ),
    Kind.DESK: (
        "a desk has seen changes that this database has forgotten",
        "เครื่องสาขาเคยเห็นการเปลี่ยนแปลงที่ฐานข้อมูลนี้ไม่มี",
    ),
    Kind.PERSON: (
        "somebody said that this database was restored",
        "มีผู้แจ้งว่าฐานข้อมูลนี้ถูกกู้คืน",
    ),
}
"""Why nothing leaves, in English and Thai."""
