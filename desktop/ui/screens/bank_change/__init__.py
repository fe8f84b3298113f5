"""Cases that change where a member is paid."""
