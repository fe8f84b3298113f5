"""The same company as the members' tests."""

from __future__ import annotations

from tests.members.conftest import company, world

__all__ = ["company", "world"]
