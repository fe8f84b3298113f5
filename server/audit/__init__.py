"""The audit trail: one hash chain per branch."""
