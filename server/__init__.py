"""The head-office server: it owns the database, the way to the bank and every decision."""
