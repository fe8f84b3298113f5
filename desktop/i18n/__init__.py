"""Every word the desk shows, in Thai and English: one module per area, a missing text is a type error."""

from __future__ import annotations

from desktop.i18n.text import Language, Text, language, pick, set_language

__all__ = ["Language", "Text", "language", "pick", "set_language"]
