"""Live money by branch."""
