"""Lets `python -m lab.sandbox_bank` run the bank's commands on their own."""

from __future__ import annotations

from lab.sandbox_bank.commands import app

app()
