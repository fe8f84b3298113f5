"""Real processes under load that are killed, stopped, cut off and reloaded, and what the bank's own books say then."""
