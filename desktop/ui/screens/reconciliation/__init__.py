"""What the statements prove."""
