"""A desk without a window: signs, signs in, gets operation tokens and calls any verb, for the command line."""
