"""Sending, outcomes, doubt: what the executors do."""
