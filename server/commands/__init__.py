"""The commands of `sheaf`, one module per group; `server/cli.py` puts them together."""
