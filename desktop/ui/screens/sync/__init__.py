"""The outbox and the state of the connection."""
