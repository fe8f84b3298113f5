"""A restored database knows that it is behind: who can tell, what stops, and how people let payments go on."""
