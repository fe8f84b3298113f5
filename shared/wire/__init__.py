"""What crosses the network: frozen structs, one module per noun, and the table of verbs."""
