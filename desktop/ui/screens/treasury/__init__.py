"""Money paid into the company's account, and the books beside the bank."""
