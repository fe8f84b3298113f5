"""Loads Sarabun and hands out cached fonts in the few sizes the desk uses."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF

import resources

Size = Literal["small", "body", "title", "heading", "figure"]
Weight = Literal["regular", "medium", "semibold", "bold"]

FAMILY: Final = "Sarabun"
# 14 px is the smallest at which Thai tone marks stay legible.
PIXELS: Final[dict[Size, int]] = {"small": 14, "body": 15, "title": 17, "heading": 22, "figure": 30}
_WEIGHTS: Final[dict[Weight, QFont.Weight]] = {
    "regular": QFont.Weight.Normal,
    "medium": QFont.Weight.Medium,
    "semibold": QFont.Weight.DemiBold,
    "bold": QFont.Weight.Bold,
}
_state: dict[str, int] = {"percent": 100}


def load_fonts() -> None:
    """Register the vendored weights with Qt; harmless when repeated."""
    if FAMILY in QFontDatabase.families():
        return
    for name in ("Regular", "Medium", "SemiBold", "Bold"):
        QFontDatabase.addApplicationFont(str(resources.path("fonts", f"{FAMILY}-{name}.ttf")))


def set_percent(percent: int) -> None:
    """Text size of the whole desk: 100, 115 or 130."""
    _state["percent"] = percent
    font.cache_clear()
    metrics.cache_clear()
    text_width.cache_clear()


def scaled(pixels: int) -> int:
    """Pixels at the present text size."""
    return round(pixels * _state["percent"] / 100)


@lru_cache(maxsize=64)
def font(size: Size = "body", weight: Weight = "regular") -> QFont:
    """A shared font; treat it as read-only."""
    made = QFont(FAMILY)
    made.setPixelSize(scaled(PIXELS[size]))
    made.setWeight(_WEIGHTS[weight])
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


@lru_cache(maxsize=64)
def metrics(size: Size = "body", weight: Weight = "regular") -> QFontMetricsF:
    """Metrics of `font(size, weight)`."""
    return QFontMetricsF(font(size, weight))


@lru_cache(maxsize=4096)
def text_width(text: str, size: Size = "body", weight: Weight = "regular") -> float:
    """Advance of a text in pixels; cached because a table asks for the same words again and again."""
    return metrics(size, weight).horizontalAdvance(text)
