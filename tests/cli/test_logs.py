"""Logs hold nothing personal, whoever writes them and however a number is written."""

from __future__ import annotations

import pytest

from server.logs import hide_numbers


@pytest.mark.parametrize(
    "number",
    [
        "3600100387160",
        "3-6001-00387-16-0",
        "๓๖๐๐๑๐๐๓๘๗๑๖๐",
        "0210072415",
        "021-0-07241-5",
        "021013248777",
        "123456789012345",
    ],
)
def test_national_ids_and_account_numbers_are_hidden(number: str) -> None:
    shown = hide_numbers(None, "info", {"event": f"paid to {number}.", "deep": {"list": [number]}})
    assert number not in repr(shown)
    assert shown["event"] == "paid to [number]."


def test_a_number_that_is_not_a_text_is_hidden_too() -> None:
    assert hide_numbers(None, "info", {"account": 3600100387160, "set": {"0210072415"}}) == {
        "account": "[number]",
        "set": ["[number]"],
    }


@pytest.mark.parametrize(
    "ours",
    [
        "PV2611-0000123",
        "01920000-1234-7123-8123-123456789012",
        "2026-11-21T10:14:11.625Z",
        "S56G057VBJ6MDM8C",
        "86400000",
        "12345678901234567890123456789012",
    ],
)
def test_what_an_engineer_searches_for_stays(ours: str) -> None:
    assert hide_numbers(None, "info", {"event": f"about {ours}"}) == {"event": f"about {ours}"}


def test_a_row_that_postgresql_quotes_is_hidden() -> None:
    event = {"exception": "CheckViolation: new row\nDETAIL:  Failing row contains (1, Somchai Jaidee).\nCONTEXT: x"}
    assert hide_numbers(None, "error", event)["exception"].splitlines()[1] == "DETAIL: [hidden]"
