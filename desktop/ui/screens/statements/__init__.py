"""The bank's statements."""
