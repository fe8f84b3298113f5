"""One small typed function per verb; those that move money get their operation token inside."""
