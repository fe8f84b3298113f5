"""The HTTP edge: proves who calls, runs one verb in one transaction, answers with values or problem details."""
