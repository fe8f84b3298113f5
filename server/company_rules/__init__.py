"""Company rules: limits and fees that head office writes as expressions, under maker-checker, from a day on."""
