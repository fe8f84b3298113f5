"""The database room: the engine, the transaction, migrations and the embedded PostgreSQL."""
