"""A list that opens under a field without taking the focus: members, commands, dates hang on it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QWidget

from desktop.ui.theme.look import look


class Popup(QFrame):
    """A child of the window laid over it: no second window, so focus and screen readers stay where they are."""

    def __init__(self, anchor: QWidget) -> None:
        super().__init__(anchor.window())
        self._anchor = anchor
        self.setProperty("room", "popup")
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(28)
        shadow.setOffset(0, 8)
        colour = QColor(look.tokens.shadow)
        colour.setAlpha(70)
        shadow.setColor(colour)
        self.setGraphicsEffect(shadow)
        self.hide()

    def open_below(self, width: int, height: int) -> None:
        """Place under the anchor, or above it when there is no room, inside the window."""
        window = self._anchor.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        corner = self._anchor.mapTo(window, QPoint(0, self._anchor.height() + 4))
        if corner.y() + height > window.height() - 8:
            corner = self._anchor.mapTo(window, QPoint(0, -height - 4))
        left = max(8, min(corner.x(), window.width() - width - 8))
        self.setGeometry(left, max(8, corner.y()), width, height)
        self.show()
        self.raise_()
        window.installEventFilter(self)
        self._anchor.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Close when the window changes or is clicked elsewhere, or the field goes away or loses the focus."""
        if watched is self._anchor and self._anchor is not self.window():
            if event.type() == QEvent.Type.Hide or (event.type() == QEvent.Type.FocusOut and not self.underMouse()):
                self.hide()
        elif event.type() in (QEvent.Type.Resize, QEvent.Type.WindowDeactivate, QEvent.Type.MouseButtonPress):
            self.hide()
        return super().eventFilter(watched, event)
