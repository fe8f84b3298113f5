"""Moving money from the treasury to a branch."""
