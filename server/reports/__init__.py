"""Numbers for people: liquidity and the day."""
