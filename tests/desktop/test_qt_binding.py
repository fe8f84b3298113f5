"""The Qt binding keeps its references: a guard against PySide6 6.12.0 on Python 3.11, which aborts after a while."""

from __future__ import annotations

import sys

from PySide6.QtGui import QPainter, QPixmap
from pytestqt.qtbot import QtBot


def test_painting_drops_no_reference_to_none(qtbot: QtBot) -> None:
    pixmap = QPixmap(9, 9)
    painter = QPainter(pixmap)
    before = sys.getrefcount(None)
    for _ in range(500):
        painter.save()
        painter.restore()
    lost = before - sys.getrefcount(None)
    painter.end()
    assert abs(lost) < 100
