"""Payment intents, batches, sign-offs, funding, and the way of one payment to the bank."""
