"""The desk's own widgets: they know texts, tokens and plain values, and nothing of the server."""
