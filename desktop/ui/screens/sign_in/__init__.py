"""The gate before the work: opening the key, enrolling, signing in, unlocking."""
