"""The ledger: accounts, holds and transfers whose legs sum to zero."""
