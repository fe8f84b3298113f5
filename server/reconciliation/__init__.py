"""What the bank's statements prove about payments."""
