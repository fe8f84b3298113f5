"""A role counts where its holder works: a manager's at the own branch, a treasurer's at head office."""

from __future__ import annotations

import pytest

from server.approvals.rules import signing_roles
from server.context import HEAD_OFFICE
from shared.permissions import Role

M, T = Role.MANAGER, Role.TREASURER


@pytest.mark.parametrize(
    ("roles", "home", "expected"),
    [
        ({M}, 1, {M}),
        ({M}, 2, set()),
        ({M, T}, HEAD_OFFICE, {T}),
        ({T}, 1, set()),
        ({Role.CASHIER, Role.ADMINISTRATOR, Role.AUDITOR}, 1, set()),
    ],
)
def test_for_something_of_branch_1(roles: set[Role], home: int, expected: set[Role]) -> None:
    assert signing_roles(frozenset(roles), home, branch_id=1) == expected
