"""What the database knows of backups and proofs, so that status and home page can tell; it may be away or older."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, LiteralString

from server.backup.failures import BackupFailed
from server.backup.manifest import Manifest
from server.backup.shelf import Proof
from server.backup.site import Site
from server.backup.standing import connected, see_all
from server.context import HEAD_OFFICE, new_id_at
from server.database.transaction import Row, Transaction

_BACKUP: Final = """
    insert into sheaf.backup (id, branch_id, way, size, begun_at, finished_at, due_at, cause, problem)
    values (%(id)s, %(branch)s, %(way)s, %(size)s, %(begun)s, %(finished)s, %(due)s, %(cause)s, %(problem)s)
    on conflict do nothing
"""
_PROOF: Final = """
    insert into sheaf.backup_proof (id, branch_id, backup_id, at, due_at, seconds, cause, problem, entries, payments,
      documents, statements)
    values (%(id)s, %(branch)s, %(backup)s, %(at)s, %(due)s, %(seconds)s, %(cause)s, %(problem)s, %(entries)s,
      %(payments)s, %(documents)s, %(statements)s)
"""


def note_backup(site: Site, manifest: Manifest) -> list[str]:
    """Write a finished backup down; what a person should know when that was not possible."""
    return _note(
        site.url,
        "backup",
        _BACKUP,
        {
            "id": manifest.id,
            "way": manifest.way,
            "size": manifest.size,
            "begun": manifest.begun_at,
            "finished": manifest.finished_at,
            "due": manifest.finished_at + timedelta(hours=site.settings.backup_hours),
            "cause": "",
            "problem": "",
        },
    )


def note_failure(site: Site, begun: datetime, ended: datetime, failed: BackupFailed) -> None:
    """Write down that no backup was made, and why."""
    name = f"{begun:%Y%m%dT%H%M%S.%fZ}"
    values = {"way": "", "size": 0, "cause": failed.cause.value, "problem": str(failed)}
    _note(site.url, "backup", _BACKUP, {"id": name, "begun": begun, "finished": ended, "due": ended, **values})


def note_proof(site: Site, proof: Proof) -> list[str]:
    """Write down how a proof ended; what a person should know when that was not possible."""
    return _note(
        site.url,
        "backup_proof",
        _PROOF,
        {
            "id": new_id_at(proof.at),
            "backup": proof.backup,
            "at": proof.at,
            "due": proof.at + timedelta(days=site.settings.proof_days),
            "seconds": proof.seconds,
            "cause": proof.cause,
            "problem": proof.problem,
            "entries": proof.entries,
            "payments": proof.payments,
            "documents": proof.documents,
            "statements": proof.statements,
        },
    )


def _note(url: str, table: str, query: LiteralString, values: Mapping[str, Any]) -> list[str]:
    try:
        with connected(url) as connection:
            there = connection.execute("select to_regclass(%s) is not null there", (f"sheaf.{table}",)).fetchone()
            if not there or not there["there"]:
                return ["The database's schema is older than this program: status learns of it after sheaf migrate."]
            see_all(connection)
            connection.execute(query, {"branch": HEAD_OFFICE, **values})
    except BackupFailed as failed:
        return [f"Status can't learn of it: {failed}."]
    return []


async def last_known(tx: Transaction, soon: datetime) -> Row:
    """The last whole backup (taken_at, due_at), the last try's problem, the last good proof (proved_at, proof_due_at),
    the last proof's problem, and since when the company is here. None where there is none yet. Sees head office.

    What is dated after `soon` was written by a clock that was wrong: nobody knows how old it is, and it counts as none.
    """
    return await tx.one(
        """
        select b.finished_at taken_at, b.due_at, t.problem, p.at proved_at, p.due_at proof_due_at,
               l.problem proof_problem, (select created_at from sheaf.branch where id = 0) founded_at
        from (values (1)) once
        left join lateral (
          select * from sheaf.backup where cause = '' and begun_at <= %(soon)s order by begun_at desc limit 1) b on true
        left join lateral (
          select * from sheaf.backup where begun_at <= %(soon)s order by begun_at desc limit 1) t on true
        left join lateral (
          select * from sheaf.backup_proof where cause = '' and at <= %(soon)s order by at desc limit 1) p on true
        left join lateral (
          select * from sheaf.backup_proof where at <= %(soon)s order by at desc limit 1) l on true
        """,
        soon=soon,
    )
