"""Proves a backup: restores it into a scratch cluster and recomputes there what must be true."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from server.backup import evidence, loading, records, shelf
from server.backup import manifest as manifests
from server.backup.evidence import Evidence
from server.backup.failures import BackupFailed, Cause, full, says_full
from server.backup.manifest import Manifest, Standing
from server.backup.rules import missing_rows
from server.backup.shelf import Found, Proof
from server.backup.site import Site
from server.backup.standing import Connection, Progress, connected, rows, see_all
from server.backup.taking import STATEMENTS
from server.context import Clock, Services
from server.database.keys import KeyRefused
from server.database.migrations import newest_version, upgrade
from server.database.roles import OWNER, role_name
from server.database.transaction import Database, Transaction


def prove(site: Site, wanted: str, clock: Clock, progress: Progress) -> tuple[Proof, list[str]]:
    """Prove the backup of this name, the newest when it is empty: the result, and what could not be written down.

    The result stands beside the backup and in the database, whatever it is. Raises BackupFailed when there is nothing
    to prove, or another proof is under way.
    """
    folder = shelf.open_shelf(site.folder)
    with shelf.alone(folder, shelf.PROVE):
        shelf.clear_scratch(folder, shelf.PROVE)
        found = shelf.choose(folder, site.vault, wanted, clock())
        links = shelf.chain(folder, site.vault, found)
        with shelf.held(*(one.path for one in links)):
            begun, seen, cause, problem = clock(), None, "", ""
            try:
                seen = _prove(site, links, progress)
            except BackupFailed as failed:
                cause, problem = failed.cause.value, str(failed)
            except KeyRefused as refused:
                cause, problem = Cause.KEYS.value, str(refused)
            except (psycopg.Error, SQLAlchemyError) as error:
                cause, problem = _judged(_primary(error), folder)
            ended = clock()
            proof = Proof(
                backup=found.id,
                at=ended,
                seconds=round((ended - begun).total_seconds()),
                cause=cause,
                problem=problem,
                **_numbers(seen),
            )
            shelf.put_proof(found.path, proof)
            return proof, records.note_proof(site, proof)


def _numbers(seen: Evidence | None) -> dict[str, int]:
    if seen is None:
        return {}
    return {
        "entries": seen.entries,
        "payments": seen.payments,
        "waiting": seen.waiting,
        "documents": seen.documents,
        "statements": seen.statements,
    }


def _judged(said: str, folder: Path) -> tuple[str, str]:
    """What the restored database refuses speaks against the backup, but for want of room."""
    if says_full(said):
        return Cause.DISK_FULL.value, str(full(folder))
    return Cause.NOT_PROVED.value, f"the restored database says: {said}"


def _primary(error: Exception) -> str:
    """What PostgreSQL says first, which quotes no row."""
    original = error.orig if isinstance(error, DBAPIError) else error
    said = original.diag.message_primary if isinstance(original, psycopg.Error) else None
    return said or type(original).__name__


def _prove(site: Site, links: Sequence[Found], progress: Progress) -> Evidence:
    manifest = intact(site, links, progress)
    with loading.revived(site, links, manifest, shelf.PROVE, progress) as url:
        stands_as_stated(url, manifest.standing, progress)
        progress("Migrating", 0, 0)
        upgrade(url, site.role_secret)
        seen = asyncio.run(_look(site, links[-1], url, progress))
    if manifest.absent:
        text = f"{len(manifest.absent)} statements that the database knows were not in the archive of originals"
        raise BackupFailed(
            Cause.NOT_PROVED, f"{text}, first {manifest.absent[0][:12]}; put them back and take a backup"
        )
    return seen


def intact(site: Site, links: Sequence[Found], progress: Progress) -> Manifest:
    """The manifest of the last of these, which build on each other, if each of their files is what it was.

    Else BackupFailed says which is not. A backup of a newer program is refused.
    """
    manifest = manifests.read(links[-1].path, site.vault)
    for found in links:
        manifest = manifests.read(found.path, site.vault)
        progress(f"Comparing digests of {found.id}", 0, 0)
        problems = list(manifests.problems(found.path, manifest, thorough=True))
        if problems:
            raise BackupFailed(Cause.DAMAGED, f"{found.id}: {evidence.told(problems)}")
    if manifest.owner != (ours := role_name(site.role_secret, OWNER)):
        text = f"{manifest.id} belongs to {manifest.owner} and by this keys.json to {ours}"
        raise BackupFailed(Cause.KEYS, f"{text}; put back the keys.json of that time beside sheaf.toml")
    if manifest.standing.schema > (newest_version() or ""):
        text = f"{manifest.id} was made by Sheaf {manifest.sheaf} with schema {manifest.standing.schema}"
        raise BackupFailed(Cause.TOOLS, f"{text}, and this program knows {newest_version()} at most; update it")
    return manifest


def stands_as_stated(url: str, stated: Standing, progress: Progress) -> None:
    """Compare a restored database, before anything is changed in it, with what the manifest says of its original."""
    with connected(url) as connection:
        see_all(connection)
        lost = missing_rows(stated.rows, rows(connection, progress), exact=stated.exact)
        lost += [
            f"the audit chain of branch {branch} ends early"
            for branch in stated.audit
            if not _has(connection, stated, branch)
        ]
        feed: Any = connection.execute("select coalesce(max(id), 0) feed from sheaf.change_feed").fetchone()
    if feed["feed"] < stated.feed:
        lost.append("the change feed ends early")
    if lost:
        raise BackupFailed(Cause.NOT_PROVED, f"restored, it lacks something: {evidence.told(lost)}")


def _has(connection: Connection, stated: Standing, branch: str) -> bool:
    head = stated.audit[branch]
    if head.sequence == 0:
        return True
    row = connection.execute(
        "select encode(hash, 'hex') hash from sheaf.audit_entry where branch_id = %s and sequence = %s",
        (int(branch), head.sequence),
    ).fetchone()
    return row is not None and row["hash"] == head.hash


async def _look(site: Site, found: Found, url: str, progress: Progress) -> Evidence:
    database = Database(url, Services(vault=site.vault), connections=2, name="sheaf-proof")
    try:
        async with database.transaction(()) as tx:
            # Nobody waits for this one, and a whole ledger takes its time.
            await tx.execute("set local statement_timeout = 0")
            await tx.see([row["id"] for row in await tx.rows("select id from sheaf.all_branches()")])
            return await _evidence(tx, site, found, progress)
    finally:
        await database.close()


async def _evidence(tx: Transaction, site: Site, found: Found, progress: Progress) -> Evidence:
    progress("Recomputing the audit trail", 0, 0)
    entries = await evidence.chains(tx)
    progress("Recomputing the ledger", 0, 0)
    await evidence.books(tx)
    progress("Comparing payments with statements", 0, 0)
    seed = tx.services.new_id(tx.services.clock()).hex
    payments, waiting, statements = await evidence.payments(tx, found.path / STATEMENTS, seed)
    progress("Opening documents", 0, 0)
    documents = await evidence.documents(tx, site.vault, seed)
    return Evidence(entries=entries, payments=payments, waiting=waiting, documents=documents, statements=statements)
