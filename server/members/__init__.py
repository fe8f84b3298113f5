"""The members room: the registry, what the bank says of an account, and whether a member may be paid now."""
