"""Backups that prove themselves: taken, kept, restored on trial, and given back."""
