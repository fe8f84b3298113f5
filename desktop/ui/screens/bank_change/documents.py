"""A list of documents with what is known of each, and a viewer that shows pictures inside the desk.

Object names: document_open_<n>, document_remove_<n>, document_viewer, document_viewer_close, document_outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QByteArray, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from desktop.core.desk import Desk
from desktop.core.viewing import keep_for_viewing
from desktop.i18n import common, documents
from desktop.ui.pages import Workbench
from desktop.ui.screens.pieces import named
from desktop.ui.theme.fonts import scaled
from desktop.ui.widgets.basics import Button, IconButton, IconLabel, Label, column, row
from desktop.ui.widgets.dialog import Dialog, ask
from desktop.ui.widgets.states import EmptyState

THUMBNAIL: Final = 44
TAIL: Final = 8
ZOOM_STEP: Final = 1.25
PDF: Final = "application/pdf"


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One document; `read` is None where reading is not asked for, `picture` makes a thumbnail."""

    sha256: str
    name: str
    size: int = 0
    media_type: str = ""
    used_elsewhere: bool = False
    read: bool | None = None
    picture: bytes = b""


class DocumentList(QWidget):
    """`opened(sha256)` and `removed(sha256)`; which buttons there are is said when it is made."""

    opened = Signal(str)
    removed = Signal(str)

    def __init__(self, *, can_open: bool, can_remove: bool = False) -> None:
        super().__init__()
        self._can_open, self._can_remove = can_open, can_remove
        self._shown: tuple[DocumentRow, ...] = ()
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(10)

    def set_rows(self, rows: Sequence[DocumentRow]) -> None:
        """Replace the lines, when they are other ones."""
        if tuple(rows) == self._shown:
            return
        self._shown = tuple(rows)
        while (item := self._lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for index, shown in enumerate(rows):
            self._lines.addWidget(self._line(index, shown))

    def _line(self, index: int, shown: DocumentRow) -> QWidget:
        line = QWidget()
        words = column(Label(shown.name, weight="medium", wrap=True), spacing=0)

        def about() -> str:
            size = documents.size(shown.size) if shown.size else documents.TITLE()
            return documents.fingerprint(size, shown.sha256[-TAIL:])

        words.addWidget(Label(about, size="small", ink="muted"))
        if shown.used_elsewhere:
            words.addWidget(Label(documents.USED_ELSEWHERE, size="small", ink="danger", weight="medium"))
        layout = row(_face(shown), spacing=12)
        layout.addLayout(words, 1)
        if shown.read is not None:
            icon, token = ("check", "muted") if shown.read else ("circle-dashed", "wait")
            said = documents.READ if shown.read else documents.NOT_READ
            layout.addWidget(IconLabel(icon, token, 18))
            layout.addWidget(Label(said, size="small", ink="muted" if shown.read else "wait"))
        if self._can_open:
            button = Button(documents.AGAIN if shown.read else documents.OPEN, icon="eye")
            button.setObjectName(f"document_open_{index}")
            button.setAccessibleName(f"{documents.OPEN()} {shown.name}")
            button.clicked.connect(partial(self.opened.emit, shown.sha256))
            layout.addWidget(button)
        if self._can_remove:
            remove = named(IconButton("trash-2", documents.REMOVE), f"document_remove_{index}")
            remove.clicked.connect(partial(self.removed.emit, shown.sha256))
            layout.addWidget(remove)
        line.setLayout(layout)
        return line


class PictureViewer(Dialog):
    """A picture that fits the window, and grows."""

    def __init__(self, name: str, content: bytes, parent: QWidget) -> None:
        super().__init__(lambda: name, parent, cancel=common.CLOSE)
        self.setObjectName("document_viewer")
        self.cancel.setObjectName("document_viewer_close")
        self._pixmap = pixmap_of(content)
        self._zoom = 1.0
        self._label = QLabel()
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._label.setAccessibleName(name)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setWidget(self._label)
        room = parent.window().size()
        self.resize(round(room.width() * 0.8), round(room.height() * 0.85))
        self.body.addWidget(Label(name, size="title"))
        if self._pixmap.isNull():
            self.body.addWidget(EmptyState("eye-off", documents.UNREADABLE), 1)
            return
        self.body.addWidget(self._area, 1)
        for place, (icon, words, factor) in enumerate(
            (("minus", documents.ZOOM_OUT, 1 / ZOOM_STEP), ("plus", documents.ZOOM_IN, ZOOM_STEP))
        ):
            button = IconButton(icon, words)
            button.clicked.connect(partial(self._zoom_by, factor))
            self.foot.insertWidget(place, button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit again."""
        super().resizeEvent(event)
        self._show()

    def _zoom_by(self, factor: float) -> None:
        self._zoom = max(0.5, min(6.0, self._zoom * factor))
        self._show()

    def _show(self) -> None:
        if self._pixmap.isNull():
            return
        room = self._area.viewport().size() - QSize(4, 4)
        wanted = QSize(round(room.width() * self._zoom), round(room.height() * self._zoom))
        smooth = Qt.TransformationMode.SmoothTransformation
        self._label.setPixmap(self._pixmap.scaled(wanted, Qt.AspectRatioMode.KeepAspectRatio, smooth))


class OutsideDialog(Dialog):
    """Before a PDF goes to another program: what to mind, and where it lies."""

    def __init__(self, name: str, where: str, parent: QWidget) -> None:
        super().__init__(lambda: name, parent, cancel=common.CLOSE)
        self.setObjectName("document_viewer")
        self.cancel.setObjectName("document_viewer_close")
        self.setMinimumWidth(scaled(520))
        self._where = where
        head = row(IconLabel("file-text", "accent", 30), Label(name, size="title", wrap=True), spacing=12)
        head.setStretch(1, 1)
        self.body.addLayout(head)
        self.body.addWidget(Label(documents.OUTSIDE, wrap=True))
        self.body.addWidget(Label(documents.KEPT, size="small", ink="muted", wrap=True))
        self.outside = named(Button(documents.OPEN_OUTSIDE, icon="external-link"), "document_outside")
        self.outside.clicked.connect(self._open)
        self.add_primary(self.outside)

    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._where))


async def show_document(bench: Workbench, desk: Desk, over: QWidget, shown: DocumentRow, content: bytes) -> None:
    """A picture inside the desk; a PDF in a private file for the system's viewer."""
    if shown.media_type == PDF or content.startswith(b"%PDF-"):
        path = await keep_for_viewing(desk.directory, shown.sha256, PDF, content)
        await ask(OutsideDialog(shown.name, str(path), over))
        return
    await ask(PictureViewer(shown.name, content, over))


def pixmap_of(content: bytes) -> QPixmap:
    """A picture, or a null one when the bytes are none."""
    made = QPixmap()
    made.loadFromData(QByteArray(content))
    return made


def _face(shown: DocumentRow) -> QWidget:
    pixmap = pixmap_of(shown.picture) if shown.picture else QPixmap()
    if pixmap.isNull():
        icon = "file-text" if shown.media_type == PDF else "paperclip"
        return IconLabel(icon, "muted", 30)
    side = scaled(THUMBNAIL)
    label = QLabel()
    smooth = Qt.TransformationMode.SmoothTransformation
    label.setPixmap(pixmap.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, smooth))
    label.setFixedSize(side, side)
    return label
