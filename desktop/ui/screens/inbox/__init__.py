"""What a person must know or do now."""
