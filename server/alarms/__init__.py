"""Tells people who are not looking what is not well, by mail and by a command: once, again, and when it is over."""
