"""The loops that drive rooms."""
