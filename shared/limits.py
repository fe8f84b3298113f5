"""How long, large and many: what both sides keep to and no setting changes."""

from __future__ import annotations

from typing import Final

SHORT_TEXT: Final = 120
"""Letters of a name, a note, a query, a member's code as somebody typed it."""
LONG_TEXT: Final = 500
"""Letters of a reason."""
LINE_TEXTS: Final = {"produce": 60, "weigh_ticket": 40, "note": SHORT_TEXT, "duplicate_reason": LONG_TEXT}
"""Letters of each text of a payment."""
DOCUMENT_BYTES: Final = 10 * 1024 * 1024
BATCH_LINES: Final = 50_000
AT_ONCE: Final = 1_000
"""Lines, codes or payments in one call."""
