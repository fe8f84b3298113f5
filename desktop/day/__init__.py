"""A branch's day played through the screens, in desk processes apart from the server."""
