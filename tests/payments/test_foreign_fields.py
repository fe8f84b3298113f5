"""A field that an operation does not have is named, with the reason, before anything is looked up."""

from __future__ import annotations

from uuid import UUID

import pytest

from server.context import Policy
from server.payments.rules import clean_line
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.payments import SubmitIntentRequest


@pytest.mark.parametrize(
    ("operation", "field", "value"),
    [
        ("withdrawal", "to", "balance"),
        ("disbursement", "to_member", "M1"),
        ("withdrawal", "weigh_ticket", "W-1"),
        ("transfer", "duplicate_reason", "why"),
    ],
)
def test_a_field_of_another_operation_is_named_with_the_reason(operation: str, field: str, value: str) -> None:
    line = SubmitIntentRequest(
        branch="NSN", operation=operation, member_id=UUID(int=1), account_version=1, amount="1.00", **{field: value}
    )
    assert clean_line(line, Policy()) == Refused(R.INVALID, field=field, params={"problem": "not_here"})
