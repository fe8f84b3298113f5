"""Lets `python -m server.sandbox_bank` run the bank's commands on their own."""

from __future__ import annotations

from server.sandbox_bank.commands import app

app()
