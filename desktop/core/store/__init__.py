"""The encrypted local store: a cache that may be rebuilt at any time, and an outbox that never is."""
