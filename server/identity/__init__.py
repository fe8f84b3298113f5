"""People, desks, sessions and the one-time tokens of actions."""
