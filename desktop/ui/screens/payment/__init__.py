"""New payment."""
