"""Paying many members from one file."""
