"""Who must sign, and whether a sign-off counts. Decides only; the sign-off verbs live with what is signed."""
