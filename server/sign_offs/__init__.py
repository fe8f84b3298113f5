"""Who signs payments and batches, what they are shown, and whether it still stands."""
