"""Whole days of a branch in virtual time: the real server and the real database, a bank and a network that fail."""
