"""Windows, screens and widgets: the only rooms that import PySide6."""
