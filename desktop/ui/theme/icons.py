"""Lucide outlines tinted at run time, drawn sharp at the screen's scale and cached."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

import resources


@lru_cache(maxsize=128)
def _source(name: str) -> str:
    return resources.path("icons", f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=1024)
def _pixmap(name: str, colour: str, size: int, ratio: float) -> QPixmap:
    tinted = _source(name).replace("currentColor", colour).replace('stroke-width="2"', 'stroke-width="1.9"')
    return _render(QSvgRenderer(QByteArray(tinted.encode())), size, ratio)


def _render(renderer: QSvgRenderer, size: int, ratio: float) -> QPixmap:
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    renderer.render(painter, QRectF(0, 0, made.width(), made.height()))
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


@lru_cache(maxsize=32)
def turned(name: str, colour: str, size: int, degrees: int) -> QPixmap:
    """`pixmap` turned about its centre, with air on the right like `spaced_icon`; for a spinner's frames."""
    base = pixmap(name, colour, size)
    ratio = base.devicePixelRatio()
    made = QPixmap(round((size + 6) * ratio), round(size * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.translate(size / 2, size / 2)
    painter.rotate(degrees)
    painter.drawPixmap(QPointF(-size / 2, -size / 2), base)
    painter.end()
    return made


def _ratio() -> float:
    return max((screen.devicePixelRatio() for screen in QGuiApplication.screens()), default=1.0)


def pixmap(name: str, colour: str, size: int = 18) -> QPixmap:
    """The icon `name` in `colour` (`#rrggbb`), `size` logical pixels square."""
    return _pixmap(name, colour, size, _ratio())


@lru_cache(maxsize=1024)
def icon(name: str, colour: str, disabled: str | None = None, size: int = 18) -> QIcon:
    """A QIcon for buttons, sharp at scale 1 and 2."""
    made = QIcon()
    for ratio in (1.0, 2.0):
        made.addPixmap(_pixmap(name, colour, size, ratio))
        if disabled is not None:
            made.addPixmap(_pixmap(name, disabled, size, ratio), QIcon.Mode.Disabled)
    return made


@lru_cache(maxsize=16)
def spaced_icon(name: str, colour: str, disabled: str, size: int = 18) -> QIcon:
    """Like `icon`, with 6 px of air on the right: Fusion puts 4 px between icon and text, which looks cheap."""
    made = QIcon()
    for ratio in (1.0, 2.0):
        for tint, mode in ((colour, QIcon.Mode.Normal), (disabled, QIcon.Mode.Disabled)):
            wide = QPixmap(QSize(round((size + 6) * ratio), round(size * ratio)))
            wide.fill(Qt.GlobalColor.transparent)
            wide.setDevicePixelRatio(ratio)
            painter = QPainter(wide)
            painter.drawPixmap(0, 0, _pixmap(name, tint, size, ratio))
            painter.end()
            made.addPixmap(wide, mode)
    return made


@lru_cache(maxsize=16)
def art(name: str, size: int) -> QPixmap:
    """A full-colour drawing of resources/ (`app-icon`, `sheaf-mark`), `size` logical pixels square."""
    return _render(QSvgRenderer(str(resources.path(f"{name}.svg"))), size, max(2.0, _ratio()))
