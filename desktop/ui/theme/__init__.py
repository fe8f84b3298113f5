"""How the desk looks: tokens, fonts, icons, style sheet, and one object that switches them live."""
