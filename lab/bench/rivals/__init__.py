"""Servers of our own on the frameworks that others use, to be measured beside ours."""
