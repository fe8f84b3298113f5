"""The database's own laws of what people decide: whose case it is, who may sign it, and no force without signatures."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import Connection

from server.http.handlers import HANDLERS
from server.treasury.funding_verbs import request_funding
from shared.wire.approvals import SignCaseRequest
from shared.wire.payments import RequestFundingRequest
from shared.wire.table import VERBS
from tests.members.world import NOW, Person
from tests.payments.farm import Farm, now

SIGN = "insert into sheaf.sign_off values (%s, %s, %s, %s, %s, %s, %s, 'approve', '', '', '', null, %s)"
FORCE = "update sheaf.funding set state = 'effective', version = 2 where id = %s"


@pytest.fixture
async def asked(farm: Farm) -> UUID:
    """Money that the branch's manager asked for."""
    request = RequestFundingRequest(branch="NSN", amount="500.00", reason="harvest")
    return (await farm.done(farm.manager, request_funding, request, now())).id


def put(
    api: Connection[Any], case: UUID, person: Person, role: str = "treasurer", kind: str = "funding", at: int = 1
) -> None:
    """A row that no desk signed."""
    api.execute(SIGN, [uuid4(), at, kind, case, person.actor.user, role, person.actor.device, NOW])


def law(api: Connection[Any], *steps: Any) -> str:
    """The state in which the database refuses one of the steps, empty when it takes them all; nothing stays."""
    try:
        with api.transaction(force_rollback=True):
            for step in steps:
                step()
    except psycopg.Error as error:
        return error.sqlstate or ""
    return ""


async def test_nobody_signs_their_own_nor_a_case_that_is_not_there(
    farm: Farm, asked: UUID, api: Connection[Any]
) -> None:
    assert law(api, lambda: put(api, asked, farm.manager)) == "SH111"
    assert law(api, lambda: put(api, asked, farm.treasurer, kind="deposit")) == "SH110"
    assert law(api, lambda: put(api, uuid4(), farm.treasurer)) == "SH110"
    # the row's branch decides who sees it: it is the case's
    api.execute("select set_config('sheaf.branches', '{0,1,2}', true)")
    assert law(api, lambda: put(api, asked, farm.treasurer, at=2)) == "SH110"
    assert law(api, lambda: put(api, asked, farm.treasurer)) == ""


async def test_no_money_comes_to_a_branch_without_a_treasurer_who_stands(
    farm: Farm, asked: UUID, api: Connection[Any]
) -> None:
    def force() -> None:
        api.execute(FORCE, [asked])

    assert law(api, force) == "SH112"
    assert law(api, lambda: put(api, asked, farm.second_manager, "manager"), force) == "SH112"
    # somebody who is no treasurer signs as one
    assert law(api, lambda: put(api, asked, farm.second_manager), force) == "SH112"
    assert law(api, lambda: put(api, asked, farm.treasurer), lambda: put(api, asked, farm.treasurer)) == "23505"
    assert law(api, lambda: put(api, asked, farm.treasurer), force) == ""


def test_every_kind_that_is_signed_is_a_case_and_takes_force_by_its_law(farm: Farm) -> None:
    ((told,),) = farm.query("select pg_get_constraintdef(oid) from pg_constraint where conname = 'sign_off_kind_check'")
    kinds = set(re.findall(r"'(\w+)'", told)) - {"intents"}
    ((view,),) = farm.query("select pg_get_viewdef('sheaf.approval_case'::regclass)")
    laws = farm.query("select tgargs from pg_trigger where tgname = 'signed'")
    assert {bytes(arguments).split(b"\0")[0].decode() for (arguments,) in laws} == kinds
    assert {kind for kind in kinds if f"'{kind}'::text" in view} == kinds


def test_one_request_signs_every_case() -> None:
    signing = {verb.name for verb in VERBS if verb.name.startswith("sign_")} - {"sign_in", "sign_out", "sign_off"}
    assert signing == {verb.name for verb in VERBS if verb.request is SignCaseRequest}
    assert signing <= HANDLERS.keys()
    assert len(signing) == 8
