"""How the desk looks, and what it is."""
