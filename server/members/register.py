"""Takes over a company's existing register of members: all rows or none, and every problem named at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from server.audit import store as audit
from server.context import Actor, Vault
from server.database.transaction import Row, Transaction
from server.members import register_store
from server.members.register_file import ImportProblem, RawMember
from shared.audit_tags import AuditTag
from shared.banks import PROMPTPAY, AccountProblem, check_account
from shared.text import TextProblem, clean_text
from shared.thai import NationalIdProblem, PhoneProblem, national_id_problem, parse_phone, plain_digits, sort_key

NAME_LENGTH: Final = 120
_CODE = re.compile(r"[A-Za-z0-9_./-]{1,40}")
_NUMBER_CELL = re.compile(r"[0-9]+\.0|[0-9]+(?:\.[0-9]+)?[eE]\+?[0-9]+")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One member ready to be stored; `bank` is empty when the register names no account."""

    row: int
    code: str
    name: str = field(repr=False)
    national_id: str = field(repr=False)
    phone: str = field(repr=False)
    bank: str
    account_number: str = field(repr=False)
    account_name: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What an import did; with problems it did nothing."""

    inserted: int = 0
    unchanged: int = 0
    problems: tuple[ImportProblem, ...] = ()


async def import_members(
    tx: Transaction,
    actor: Actor,
    branch: str,
    rows: Sequence[RawMember],
    now: datetime,
    *,
    production: bool,
    unusual_ids: bool = False,
) -> ImportReport:
    """Store new members of a branch with their first accounts; members already stored the same are counted.

    `tx` is the database owner's: PostgreSQL refuses a first account without a bank change to every other role.
    `unusual_ids` accepts ids that begin with 0 or 9. Changed bank details are the problem `use_bank_change`.
    """
    branch_id = await register_store.begin(tx, branch)
    if branch_id is None:
        return ImportReport(problems=(ImportProblem(row=0, column="branch", problem="unknown_branch"),))
    entries, problems = _clean_all(rows, production=production, unusual_ids=unusual_ids)
    problems += _doubles(entries)
    stored = await register_store.known(
        tx, [entry.code for entry in entries], [tx.vault.digest(entry.national_id) for entry in entries]
    )
    by_code = {row["code"]: row for row in stored}
    ids = {bytes(row["national_id_digest"]): row["code"] for row in stored}
    fresh = []
    for entry in entries:
        if entry.code in by_code:
            problems += _differences(entry, by_code[entry.code], branch_id, tx.vault)
        elif tx.vault.digest(entry.national_id) in ids:
            problems.append(ImportProblem(row=entry.row, column="national_id", problem="id_already_registered"))
        else:
            fresh.append(entry)
    if problems:
        return ImportReport(problems=tuple(sorted(problems, key=lambda problem: (problem.row, problem.column))))
    if fresh:
        await register_store.insert(tx, branch_id, [_record(tx, entry, now) for entry in fresh], now)
        detail = {"inserted": len(fresh), "unchanged": len(entries) - len(fresh)}
        await audit.append(tx, actor, branch_id, AuditTag.MEMBERS_IMPORTED, f"branch/{branch}", detail, now)
    return ImportReport(inserted=len(fresh), unchanged=len(entries) - len(fresh))


def _clean_all(
    rows: Sequence[RawMember], *, production: bool, unusual_ids: bool
) -> tuple[list[Entry], list[ImportProblem]]:
    entries, problems = [], []
    for raw in rows:
        found = list(_row_problems(raw, production=production, unusual_ids=unusual_ids))
        problems += found
        if not found:
            entries.append(_entry(raw, production=production))
    return entries, problems


def _row_problems(raw: RawMember, *, production: bool, unusual_ids: bool) -> Iterator[ImportProblem]:
    def problem(column: str, what: str) -> ImportProblem:
        return ImportProblem(row=raw.row, column=column, problem=what)

    if _NUMBER_CELL.fullmatch(raw.code):
        yield problem("code", "spreadsheet_number")
    elif not _CODE.fullmatch(raw.code):
        yield problem("code", "not_a_code")
    if isinstance(name := clean_text(raw.name, NAME_LENGTH), TextProblem):
        yield problem("name", name)
    if (id_problem := _id_problem(raw.national_id, unusual_ids=unusual_ids)) is not None:
        yield problem("national_id", id_problem)
    if raw.phone and isinstance(phone := parse_phone(raw.phone), PhoneProblem):
        yield problem("phone", phone)
    if raw.bank or raw.account_number or raw.account_name:
        number = check_account(_bank(raw.bank), raw.account_number, production=production)
        if _bank(raw.bank) == PROMPTPAY or number is AccountProblem.UNKNOWN_BANK:
            yield problem("bank", AccountProblem.UNKNOWN_BANK)
        elif isinstance(number, AccountProblem):
            yield problem("account_number", number)
        if isinstance(holder := clean_text(raw.account_name, NAME_LENGTH), TextProblem):
            yield problem("account_name", holder)


def _id_problem(text: str, *, unusual_ids: bool) -> str | None:
    # A spreadsheet's number is harmless here: the check digit proves that no digit was lost.
    found = national_id_problem(text.removesuffix(".0"))
    return None if found is NationalIdProblem.FIRST_DIGIT and unusual_ids else found


def _bank(text: str) -> str:
    return text.removesuffix(".0").zfill(3) if text else ""


def _entry(raw: RawMember, *, production: bool) -> Entry:
    number = check_account(_bank(raw.bank), raw.account_number, production=production) if raw.bank else ""
    return Entry(
        row=raw.row,
        code=raw.code,
        name=str(clean_text(raw.name, NAME_LENGTH)),
        national_id=plain_digits(raw.national_id.removesuffix(".0")),
        phone=str(parse_phone(raw.phone)) if raw.phone else "",
        bank=_bank(raw.bank),
        account_number=str(number),
        account_name=str(clean_text(raw.account_name, NAME_LENGTH)) if raw.bank else "",
    )


def _doubles(entries: Sequence[Entry]) -> list[ImportProblem]:
    codes: set[str] = set()
    ids: set[str] = set()
    problems = []
    for entry in entries:
        if entry.code in codes:
            problems.append(ImportProblem(row=entry.row, column="code", problem="twice_in_file"))
        if entry.national_id in ids:
            problems.append(ImportProblem(row=entry.row, column="national_id", problem="twice_in_file"))
        codes.add(entry.code)
        ids.add(entry.national_id)
    return problems


def _differences(entry: Entry, stored: Row, branch_id: int, vault: Vault) -> list[ImportProblem]:
    if stored["branch_id"] != branch_id:
        return [ImportProblem(row=entry.row, column="code", problem="of_another_branch")]
    facts = {
        "name": (entry.name, stored["name"]),
        "national_id": (vault.digest(entry.national_id), stored["national_id_digest"]),
        "phone": (entry.phone, stored["phone"]),
    }
    problems = [
        ImportProblem(row=entry.row, column=column, problem="differs")
        for column, (ours, theirs) in facts.items()
        if ours != theirs
    ]
    digest = vault.digest(entry.account_number) if entry.bank else None
    if (entry.bank or None, digest, entry.account_name or None) != (
        stored["bank"],
        stored["number_digest"],
        stored["account_name"],
    ):
        problems.append(ImportProblem(row=entry.row, column="account_number", problem="use_bank_change"))
    return problems


def _record(tx: Transaction, entry: Entry, now: datetime) -> register_store.Record:
    vault = tx.services.vault
    account: register_store.AccountRecord | None = None
    if entry.bank:
        account = register_store.AccountRecord(
            id=tx.services.new_id(now),
            bank=entry.bank,
            number_cipher=vault.encrypt_text(entry.account_number),
            number_digest=vault.digest(entry.account_number),
            last4=entry.account_number[-4:],
            name=entry.account_name,
        )
    return register_store.Record(
        id=tx.services.new_id(now),
        code=entry.code,
        name=entry.name,
        name_sort=sort_key(entry.name),
        national_id_cipher=vault.encrypt_text(entry.national_id),
        national_id_digest=vault.digest(entry.national_id),
        national_id_last4=entry.national_id[-4:],
        phone=entry.phone,
        account=account,
    )
