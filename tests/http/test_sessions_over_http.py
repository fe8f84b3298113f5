"""Sign-in, use and sign-out through a real socket."""

from __future__ import annotations

from shared.wire.common import Nothing
from tests.support.api import RunningApi
from tests.waiting import wait_until


def test_a_person_signs_in_works_and_signs_out(api: RunningApi) -> None:
    desk = api.client("administrator")
    assert desk.session is not None
    assert [branch.code for branch in desk.session.branches] == ["HQ", "NSN", "KKN", "CRI"]
    assert len(desk.ask("list_devices", Nothing()).devices) == 9
    assert desk.call("sign_out", Nothing()).status_code == 200
    # the word comes by the push, on another connection than the answer
    wait_until(lambda: desk.call("list_devices", Nothing()).status_code == 401, seconds=5)
