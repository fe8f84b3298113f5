"""Takes over a company's existing register of members: all rows or none, and every problem named at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from server.audit import store as audit
from server.context import Actor, Vault
from server.database.transaction import Row, Transaction
from server.members import register_store
from server.members.register_file import ImportProblem, RawMember
from shared.audit_tags import AuditTag
from shared.banks import AccountProblem, check_account, payable_banks
from shared.limits import SHORT_TEXT
from shared.normal import code_key, name_key
from shared.text import clean_text
from shared.thai import NationalIdProblem, national_id_problem, parse_phone, plain_digits, sort_key

_CODE = re.compile(r"[A-Za-z0-9_./-]{1,40}")
_NUMBER_CELL = re.compile(r"[0-9]+\.0|[0-9]+(?:\.[0-9]+)?[eE]\+?[0-9]+")


class CodeProblem(StrEnum):
    """Why a text is not a member's code."""

    NOT_A_CODE = "not_a_code"


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
        tx, [code_key(entry.code) for entry in entries], [tx.vault.digest(entry.national_id) for entry in entries]
    )
    # a code in the register's own writing goes before the same in another: old registers may hold both
    by_code = {row["code_key"]: row for row in stored} | {row["code"]: row for row in stored}
    ids = {bytes(row["national_id_digest"]): row["code"] for row in stored}
    fresh = []
    for entry in entries:
        same = by_code.get(entry.code) or by_code.get(code_key(entry.code))
        if same is not None:
            problems += _differences(entry, same, branch_id, tx.vault)
        elif tx.vault.digest(entry.national_id) in ids:
            problems.append(ImportProblem(row=entry.row, column="national_id", problem="id_already_registered"))
        else:
            fresh.append(entry)
    if problems:
        return ImportReport(problems=tuple(sorted(problems, key=lambda problem: (problem.row, problem.column))))
    if fresh:
        await register_store.insert(tx, branch_id, [record_of(tx, entry, now) for entry in fresh], now)
        detail = {"inserted": len(fresh), "unchanged": len(entries) - len(fresh)}
        await audit.append(tx, actor, branch_id, AuditTag.MEMBERS_IMPORTED, f"branch/{branch}", detail, now)
    return ImportReport(inserted=len(fresh), unchanged=len(entries) - len(fresh))


def _clean_all(
    rows: Sequence[RawMember], *, production: bool, unusual_ids: bool
) -> tuple[list[Entry], list[ImportProblem]]:
    entries, problems = [], []
    for raw in rows:
        cells = _cells(raw, production=production, unusual_ids=unusual_ids)
        wrong = {column: value for column, value in cells.items() if isinstance(value, StrEnum)}
        problems += [ImportProblem(row=raw.row, column=column, problem=value) for column, value in wrong.items()]
        if not wrong:
            entries.append(Entry(row=raw.row, **cells))
    return entries, problems


def _cells(raw: RawMember, *, production: bool, unusual_ids: bool) -> dict[str, str]:
    """Each column as it is stored, or a StrEnum that says what is wrong with it."""
    account = bool(raw.bank or raw.account_number or raw.account_name)
    bank = _bank(raw.bank) if account else ""
    checkable = account and bank is not AccountProblem.UNKNOWN_BANK
    return {
        "code": _code(raw.code),
        "name": clean_text(raw.name, SHORT_TEXT),
        "national_id": _national_id(raw.national_id, unusual_ids=unusual_ids),
        "phone": parse_phone(raw.phone) if raw.phone else "",
        "bank": bank,
        "account_number": check_account(bank, raw.account_number, production=production) if checkable else "",
        "account_name": clean_text(raw.account_name, SHORT_TEXT, required=account),
    }


def _code(text: str) -> str:
    if _NUMBER_CELL.fullmatch(text):
        return AccountProblem.SPREADSHEET_NUMBER
    return text if _CODE.fullmatch(text) else CodeProblem.NOT_A_CODE


def _national_id(text: str, *, unusual_ids: bool) -> str:
    # A spreadsheet's number is harmless here: the check digit proves that no digit was lost.
    number = text.removesuffix(".0")
    problem = national_id_problem(number)
    if problem is None or (problem is NationalIdProblem.FIRST_DIGIT and unusual_ids):
        return plain_digits(number)
    return problem


def _bank(text: str) -> str:
    code = text.removesuffix(".0").zfill(3)
    return code if code in payable_banks() else AccountProblem.UNKNOWN_BANK


def _doubles(entries: Sequence[Entry]) -> list[ImportProblem]:
    codes: set[str] = set()
    ids: set[str] = set()
    problems = []
    for entry in entries:
        if code_key(entry.code) in codes:
            problems.append(ImportProblem(row=entry.row, column="code", problem="twice_in_file"))
        if entry.national_id in ids:
            problems.append(ImportProblem(row=entry.row, column="national_id", problem="twice_in_file"))
        codes.add(code_key(entry.code))
        ids.add(entry.national_id)
    return problems


def _differences(entry: Entry, stored: Row, branch_id: int, vault: Vault) -> list[ImportProblem]:
    if stored["branch_id"] != branch_id:
        return [ImportProblem(row=entry.row, column="code", problem="of_another_branch")]
    facts = {
        "name": (name_key(entry.name), name_key(stored["name"])),
        "national_id": (vault.digest(entry.national_id), stored["national_id_digest"]),
        "phone": (entry.phone, stored["phone"]),
    }
    problems = [
        ImportProblem(row=entry.row, column=column, problem="differs")
        for column, (ours, theirs) in facts.items()
        if ours != theirs
    ]
    digest = vault.digest(entry.account_number) if entry.bank else None
    if (entry.bank or None, digest, name_key(entry.account_name)) != (
        stored["bank"],
        stored["number_digest"],
        name_key(stored["account_name"] or ""),
    ):
        problems.append(ImportProblem(row=entry.row, column="account_number", problem="use_bank_change"))
    return problems


def record_of(tx: Transaction, entry: Entry, now: datetime) -> register_store.Record:
    """The entry as it is stored: what identifies a person encrypted, with digests to find it again."""
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
        code_key=code_key(entry.code),
        name_key=name_key(entry.name),
        national_id_cipher=vault.encrypt_text(entry.national_id),
        national_id_digest=vault.digest(entry.national_id),
        national_id_last4=entry.national_id[-4:],
        phone=entry.phone,
        account=account,
    )
