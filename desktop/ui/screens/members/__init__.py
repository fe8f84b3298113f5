"""Finding a member and whether this member may be paid."""
