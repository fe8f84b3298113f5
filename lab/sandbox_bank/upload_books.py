"""What the bank remembers of upload files: one row for each file and for each of its lines."""

from __future__ import annotations

import sqlite3

import msgspec


class TakenLine(msgspec.Struct, frozen=True):
    """A line that was executed under a token, or refused before with a code; the amount is satang."""

    reference: str
    amount: int
    token: str
    code: str
    text: str


class UploadBooks:
    """Rows of `uploads` and `upload_lines` in the bank's books."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def is_finished(self, name: str) -> bool:
        """Whether a file of this name was taken to its end."""
        row = self._db.execute("SELECT finished FROM uploads WHERE name = ?", (name,)).fetchone()
        return row is not None and bool(row[0])

    def begin(self, name: str, batch_ref: str, sha256: str, now: int) -> None:
        """Note that a file is being taken; again after a kill changes nothing."""
        self._db.execute(
            "INSERT OR IGNORE INTO uploads (name, batch_ref, sha256, begun_at) VALUES (?, ?, ?, ?)",
            (name, batch_ref, sha256, now),
        )

    def begun_at(self, name: str) -> int:
        """When taking it began, for the first time."""
        return int(self._db.execute("SELECT begun_at FROM uploads WHERE name = ?", (name,)).fetchone()[0])

    def refuse(self, name: str, reason: str) -> None:
        """Take not one line of it."""
        self._db.execute("UPDATE uploads SET refused = ? WHERE name = ?", (reason, name))

    def refusal(self, name: str) -> str:
        """Why no line was taken; empty when they were."""
        return str(self._db.execute("SELECT refused FROM uploads WHERE name = ?", (name,)).fetchone()[0])

    def note(self, name: str, ordinal: int, line: TakenLine) -> None:
        """What became of a line."""
        self._db.execute(
            "INSERT OR IGNORE INTO upload_lines VALUES (?, ?, ?, ?, ?, ?, ?)",
            (name, ordinal, *msgspec.structs.astuple(line)),
        )

    def had(self, reference: str, but: str) -> bool:
        """Whether a line of another file had this reference, paid or not."""
        row = self._db.execute("SELECT 1 FROM upload_lines WHERE reference = ? AND name <> ?", (reference, but))
        return row.fetchone() is not None

    def finish(self, name: str, result_due: int) -> None:
        """Every line was taken; the result is due then."""
        self._db.execute("UPDATE uploads SET finished = 1, result_due = ? WHERE name = ?", (result_due, name))

    def due(self, now: int) -> list[tuple[str, str]]:
        """Name and batch reference of the files whose result is due and not published."""
        rows = self._db.execute("SELECT name, batch_ref FROM uploads WHERE result_due <= ? ORDER BY name", (now,))
        return [(str(name), str(batch_ref)) for name, batch_ref in rows]

    def published(self, name: str) -> None:
        """Its result is written."""
        self._db.execute("UPDATE uploads SET result_due = NULL WHERE name = ?", (name,))

    def lines(self, name: str) -> list[TakenLine]:
        """The lines in their order."""
        rows = self._db.execute(
            "SELECT reference, amount, token, code, text FROM upload_lines WHERE name = ? ORDER BY ordinal", (name,)
        )
        return [TakenLine(*row) for row in rows]
