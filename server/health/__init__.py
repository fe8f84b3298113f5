"""What must be well: one table of checks for `sheaf status`, `/metrics`, `/readyz`, the desk's home page and alarms."""
