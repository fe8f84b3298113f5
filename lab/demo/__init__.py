"""The demonstration: a whole company on one machine, with made-up members, and the supervisor that keeps it running."""
