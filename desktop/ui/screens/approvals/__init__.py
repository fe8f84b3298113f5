"""What waits for a signature."""
