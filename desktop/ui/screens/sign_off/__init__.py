"""The dialog in which a person signs what the server will do."""
