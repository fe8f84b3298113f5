"""Payments in doubt."""
