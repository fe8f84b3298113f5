"""Values and rules that server and desk share: pure functions, no I/O, no clock, no randomness."""
