"""A refusal that no row declares reaches whoever was refused, and figures and beats tell of it."""

from __future__ import annotations

import pytest

from server.http import undeclared
from server.http.handlers import HANDLERS
from shared.refusals import RefusalCode, Refused
from shared.wire.common import Nothing
from shared.wire.table import BY_NAME
from tests.conftest import FreshDatabase
from tests.support import declared
from tests.support.api import running_api
from tests.support.world import found_now
from tests.waiting import wait_until

NAME = "list_devices cursor.unknown"


async def surprising(*_: object) -> Refused:
    return Refused(RefusalCode.CURSOR, field="cursor")


def test_it_is_answered_in_words_and_counted(fresh_database: FreshDatabase) -> None:
    with fresh_database() as url, running_api(found_now(url), handlers=HANDLERS | {"list_devices": surprising}) as api:
        desk = api.client("administrator")
        with pytest.raises(AssertionError, match="list_devices does not declare"):
            desk.call("list_devices", Nothing())
        answer = desk.send("GET", "/api/v1/devices")
        assert (answer.status_code, answer.json()["code"]) == (422, "cursor.unknown")
        assert undeclared.UNDECLARED.pop(NAME) == 2
        undeclared.UNDECLARED[NAME] = 1
        wait_until(lambda: "sheaf_undeclared_refusals_total{" in desk.http.get("/metrics").text)
        undeclared.UNDECLARED.pop(NAME)


def test_what_stands_beside_an_item_is_looked_at_in_tests() -> None:
    beside = b'{"items": [{"refused": {"code": "%s", "detail_th": "", "detail_en": ""}}]}'
    declared.check(BY_NAME["validate_members"], beside % b"member.unknown")
    with pytest.raises(AssertionError, match="does not declare"):
        declared.check(BY_NAME["validate_members"], beside % b"money.currency")
