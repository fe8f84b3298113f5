"""The desk without a window: keys, client, session, local store, outbox, sync and what each screen shows."""
