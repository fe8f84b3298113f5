"""The consent after a restore."""
