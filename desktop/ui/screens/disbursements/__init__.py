"""The list of payments."""
