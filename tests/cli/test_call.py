"""`sheaf call` speaks every verb of the table: envelope, operation token, second factor and digest are its work."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from argon2 import PasswordHasher
from typer.testing import CliRunner

from server.calling.caller import CallingDesk
from server.calling.sheets import LISTED
from server.cli import app
from server.identity import passwords
from shared.wire.table import BY_NAME, VERBS, Challenge, Verb
from tests.bank_changes.cases import png
from tests.conftest import FreshDatabase
from tests.http.shop import stock
from tests.http.test_failed_means_nothing import request_of
from tests.support.api import running_api
from tests.support.papers import empty_statement
from tests.support.samples import CHALLENGED, WHO_MAY
from tests.support.world import PASSWORD, TOTP_SECRET, found_now

ENVELOPE = re.compile(
    r"[0-9]{3} (request\.(malformed|unknown_field|content_type)|idempotency|operation_token|device\.(unknown|proof)"
    r"|auth\.(credentials|code|code_needed|token|forbidden)|signature)"
)
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
SELDOM = {"sign_in", "refresh", "sign_out", "mint_operation_token"}
"""What the command does by itself before any other verb; called alone they are answered as anybody's."""


@dataclass
class Office:
    """A running company; each of its people calls from their own desk, by `sheaf call --desk`."""

    folder: Path
    url: str
    called: set[str]

    def run(self, verb: str, user: str, /, *words: str, **fields: Any) -> tuple[int, str]:
        """Exit code and what was said. Used codes are forgotten: nobody waits here for the next half minute."""
        with psycopg.connect(self.url) as admin:
            admin.execute("delete from sheaf.used_code")
        self.called.add(verb)
        given = [word for name, value in fields.items() for word in ("--set", f"{name}={_text(value)}")]
        who = ("--as", user, "--desk", str(self.folder / user), "--password-file", str(self.folder / "password"))
        done = CliRunner().invoke(
            app, ["call", verb, *who, "--totp-file", str(self.folder / "totp"), *words, *given], env={"COLUMNS": "200"}
        )
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    def do(self, verb: str, user: str, /, *words: str, **fields: Any) -> Any:
        """The reply of a call that must succeed; from a file, for the server's log is on this process's screen too."""
        reply = self.folder / "reply"
        status, said = self.run(verb, user, "--output", str(reply), *words, **fields)
        assert status == 0, said
        return None if BY_NAME[verb].raw_reply else msgspec.json.decode(reply.read_bytes())


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode() if isinstance(value, list | dict) else str(value)


@pytest.fixture(scope="module")
def office(fresh_database: FreshDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    (folder / "password").write_text(PASSWORD)
    (folder / "totp").write_text(TOTP_SECRET)
    (folder / "slip.png").write_bytes(png("slip"))
    with fresh_database() as url:
        company = found_now(url)
        asyncio.run(stock(company, 6))
        with psycopg.connect(url) as admin:
            admin.execute("update sheaf.app_user set password_hash = %s", [QUICK.hash(PASSWORD)])
        with pytest.MonkeyPatch.context() as patch, running_api(company) as api:
            # Each call signs in anew, and a hash that is slow to guess is slow to verify.
            patch.setattr(passwords, "_HASHER", QUICK)
            for name, person in company.people.items():
                desk = CallingDesk(api.base_url, str(person.device_id), person.key.private_bytes_raw().hex())
                (folder / name).mkdir()
                (folder / name / "desk.json").write_bytes(msgspec.json.encode(desk))
            yield Office(folder, url, set())


def test_every_decision_gets_its_digest_from_what_the_server_shows() -> None:
    digested = {verb.name for verb in VERBS if "digest" in verb.request.__struct_fields__}
    assert digested == {*LISTED, "sign_off", "sign_bank_change"}


def test_a_company_is_run_by_it(office: Office) -> None:
    slip = ("--file", str(office.folder / "slip.png"))
    paid_in = office.do(
        "record_deposit", "administrator", *slip, amount="900.00", payer="-", reason="-", received_on="2026-01-05"
    )
    office.do("get_deposit_document", "treasurer", "--output", str(office.folder / "seen"), id=paid_in["id"])
    assert (office.folder / "seen").read_bytes() == png("slip")
    assert office.do("sign_deposit", "treasurer", id=paid_in["id"], decision="approve")["state"] == "recorded"
    asked = office.do("request_funding", "manager.nsn", branch="NSN", amount="500.00", reason="harvest")
    assert office.do("sign_funding", "treasurer", id=asked["id"], decision="approve")["state"] == "effective"
    rule = {"code": "fee", "kind": "pre_fee", "name_th": "ค่าโอน", "name_en": "Fee", "expression": "500"}
    proposed = office.do("propose_rule", "administrator", **rule, effective_from="2099-01-01", reason="[why]")
    assert office.do("sign_rule", "treasurer", id=proposed["id"], decision="approve")["state"] == "approved"
    ways = (("disbursement", "", "scb"), ("disbursement", "ours", "internal"), ("withdrawal", "", "scb"))
    table = [
        {"operation": operation, "bank": bank, "highest": "1000.00", "channel": channel}
        for operation, bank, channel in (*ways, ("transfer", "", "internal"))
    ]
    routes = office.do(
        "propose_routes", "administrator", effective_from="2099-01-01T00:00:00+07:00", reason="-", routes=table
    )
    office.do("sign_routes", "treasurer", id=routes["id"], decision="approve")
    office.do("fetch_statements", "treasurer")
    office.do("judge_statements_again", "treasurer")
    office.do("list_statement_files", "treasurer")
    wrong = office.do(
        "propose_set_aside", "administrator", id=str(empty_statement(office.url)), reason="another account"
    )
    assert office.do("sign_set_aside", "treasurer", id=wrong["id"], decision="approve")["state"] == "approved"


def test_a_branch_works_by_it(office: Office) -> None:
    ids = [one["id"] for one in office.do("list_members", "cashier.nsn")["members"]]
    loan = office.do("request_advance", "cashier.nsn", member_id=ids[0], document="SEED-1", amount="900.00")
    assert office.do("sign_advance", "manager.nsn", id=loan["id"], decision="approve")["state"] == "effective"
    line = {"branch": "NSN", "account_version": 1, "amount": "100.00"}
    one = office.do("submit_intent", "cashier.nsn", member_id=ids[1], weigh_ticket="W-1", **line)
    signed = office.do("sign_off", "manager.nsn", decision="approve", items=[{"id": one["id"]}])
    assert [result["state"] for result in signed["results"]] == ["authorized"]
    two = office.do("submit_intent", "cashier.nsn", member_id=ids[2], weigh_ticket="W-2", **line)
    office.do("cancel_intent", "cashier.nsn", id=two["id"], version=two["version"])
    batch = office.do("open_batch", "cashier.nsn", branch="NSN", count=1, total="7.00")
    lines = [{"member_id": ids[3], "account_version": 1, "amount": "7.00", "weigh_ticket": "B-1"}]
    office.do("add_batch_lines", "cashier.nsn", id=batch["id"], first=1, lines=lines)
    office.do("close_batch", "cashier.nsn", id=batch["id"], count=1, total="7.00")
    office.do("sign_off", "manager.nsn", decision="approve", batch_id=batch["id"])
    case = office.do(
        "request_bank_change",
        "cashier.nsn",
        member_id=ids[4],
        account_version=1,
        bank="034",
        account_number="712345678901",
        account_name="นาย สมชาย ใจดี",
        reason="สมุดบัญชีเล่มใหม่",
    )
    case = office.do("add_document", "cashier.nsn", "--file", str(office.folder / "slip.png"), id=case["id"])
    office.do("submit_bank_change", "cashier.nsn", id=case["id"])
    seen = {"id": case["id"], "sha256": case["documents"][0]["sha256"]}
    office.do("get_document", "manager.nsn", "--output", str(office.folder / "book"), **seen)
    assert not ENVELOPE.search(office.run("sign_bank_change", "manager.nsn", id=case["id"], decision="approve")[1])


def test_people_and_desks_are_kept_by_it(office: Office, tmp_path: Path) -> None:
    office.do("create_user", "administrator", username="clerk.nsn", name="C", branch="NSN", roles=["cashier"])
    api = msgspec.json.decode((office.folder / "auditor" / "desk.json").read_bytes(), type=CallingDesk).server
    code = office.do("create_enrolment_code", "administrator", branch="NSN")["code"]
    enrol = ["device", "enrol", "--server", api, "--name", "terminal", "--desk", str(tmp_path / "desk"), "--code"]
    done = CliRunner().invoke(app, [*enrol, code])
    assert done.exit_code == 0, done.output
    waiting = msgspec.json.decode((tmp_path / "desk" / "desk.json").read_bytes(), type=CallingDesk)
    assert CliRunner().invoke(app, [*enrol, code]).exit_code == 1
    office.do("approve_device", "administrator", id=waiting.device_id)
    # asked for what no file says: a password and a code, here from a pipe
    words = ["call", "get_liquidity", "--as", "cashier.nsn", "--desk", str(tmp_path / "desk")]
    assert CliRunner().invoke(app, words, input=f"{PASSWORD}\n").exit_code == 0
    silent = CliRunner().invoke(app, words, input="")
    assert (silent.exit_code, "nothing was given" in silent.output) == (2, True)
    office.do("revoke_device", "administrator", id=waiting.device_id)
    assert CliRunner().invoke(app, words, input=f"{PASSWORD}\n").exit_code == 1


def test_every_other_verb_is_answered_as_what_it_is(office: Office) -> None:
    """Not called by name above: about things that don't exist, and refused or answered, never for how it was said."""
    dice = random.Random(1)
    for verb in VERBS:
        if verb.name in office.called or verb.name in SELDOM:
            continue
        request = CHALLENGED.get(verb.name) or _some(verb, dice)
        fields = {k: v for k, v in msgspec.to_builtins(request).items() if v not in (None, "", [])}
        fields = {k: v for k, v in fields.items() if k not in ("digest", "signature")}
        words: tuple[str, ...] = ()
        if any(field.type is bytes for field in msgspec.structs.fields(verb.request)):
            fields = {k: v for k, v in fields.items() if k not in ("content", "document")}
            words = ("--file", str(office.folder / "slip.png"))
        status, said = office.run(verb.name, _who_may(verb), *words, **fields)
        assert status in (0, 1), (verb.name, said)
        assert not ENVELOPE.search(said), (verb.name, said)
        assert verb.challenge is Challenge.NONE or verb.name in CHALLENGED


def _some(verb: Verb, dice: random.Random) -> Any:
    from uuid import uuid4

    request = request_of(verb, [uuid4()], dice)
    assert request is not None, verb.name
    return request


def _who_may(verb: Verb) -> str:
    from shared.permissions import ROLE_PERMISSIONS, Role

    if verb.name in WHO_MAY:
        return WHO_MAY[verb.name]
    names = {Role.CASHIER: "cashier.nsn", Role.MANAGER: "manager.nsn"}
    role = next(role for role in Role if verb.permission is None or verb.permission in ROLE_PERMISSIONS[role])
    return names.get(role, role.value)


@pytest.mark.parametrize("verb", sorted(SELDOM))
def test_what_it_does_by_itself_can_be_called_too(office: Office, verb: str) -> None:
    fields: dict[str, Any] = {
        "sign_in": {"username": "auditor", "password": PASSWORD},
        "refresh": {"refresh_token": "x" * 43},
        "sign_out": {},
        "mint_operation_token": {
            "verb": "cancel_intent",
            "resources": ["x"],
            "content_digest": "0" * 64,
            "signature": "A" * 86 + "==",
        },
    }[verb]
    status, said = office.run(verb, "auditor", **fields)
    assert status in (0, 1), said
    assert "malformed" not in said
