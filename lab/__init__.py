"""Beside the product: what shows, measures and torments it. Nothing of `server`, `desktop` or `shared` imports it."""
