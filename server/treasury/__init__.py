"""Money paid into the company's account: recorded by two people, and the books beside the bank's own balance."""
