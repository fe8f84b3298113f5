"""Deltas of everything that a desk shows, by cursor."""
