"""Batches of tens of thousands of lines."""
