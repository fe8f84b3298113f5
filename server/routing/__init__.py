"""Which operations there are, and which channel each payment takes."""
