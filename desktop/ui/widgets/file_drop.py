"""A place to drop files on, with a button for who does not drag."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QListView

from desktop.i18n import common, keys
from desktop.ui.keys.actions import Action
from desktop.ui.widgets.basics import Button, IconLabel, Label, Words, column, row, set_property


class FileDrop(QFrame):
    """`files_chosen(list of paths)`; only the given suffixes (with the dot, lower case) are taken."""

    files_chosen = Signal(list)

    def __init__(self, words: Words, hint: Words, suffixes: frozenset[str], icon: str = "upload") -> None:
        super().__init__()
        self.setProperty("room", "drop")
        self.setAcceptDrops(True)
        self._suffixes = suffixes
        self._words = words
        button = Button(common.CHOOSE_FILE, icon="file-plus")
        button.clicked.connect(self._browse)
        centre = Qt.AlignmentFlag.AlignCenter
        pick = row(Label(common.DROP_FILE, ink="muted"), button, spacing=10)
        layout = column(spacing=6, margins=(20, 22, 20, 22))
        layout.addWidget(IconLabel(icon, "accent", 32), 0, centre)
        layout.addWidget(Label(words, size="title"), 0, centre)
        layout.addWidget(Label(hint, size="small", ink="muted"), 0, centre)
        layout.addSpacing(6)
        pick.insertStretch(0)
        pick.addStretch()
        layout.addLayout(pick)
        self.setLayout(layout)
        self.setAccessibleName(words())

    def key_actions(self) -> list[Action]:
        """Ctrl+O, as the button."""
        return [Action("choose_file", keys.CHOOSE_FILE, self._browse, self, ("Ctrl+O",), "file-plus")]

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up for files that fit."""
        if self._fitting(event):
            set_property(self, "over", True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Back to plain."""
        set_property(self, "over", False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the files."""
        set_property(self, "over", False)
        if paths := self._fitting(event):
            event.acceptProposedAction()
            self.files_chosen.emit(paths)

    def _fitting(self, event: QDropEvent) -> list[Path]:
        urls = event.mimeData().urls() if event.mimeData().hasUrls() else []
        paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        return [path for path in paths if path.suffix.lower() in self._suffixes]

    def _browse(self) -> None:
        dialog = QFileDialog(self.window(), self._words())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setNameFilter(" ".join(f"*{suffix}" for suffix in sorted(self._suffixes)))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setViewMode(QFileDialog.ViewMode.List)
        took: Callable[[list[str]], None] = self._took
        dialog.filesSelected.connect(took)
        dialog.open()
        # Qt's own dialog starts in the name's field, where a path must be typed; in the list arrows and Enter do.
        if (files := dialog.findChild(QListView, "listView")) is not None:
            files.setFocus(Qt.FocusReason.OtherFocusReason)

    def _took(self, names: list[str]) -> None:
        self.files_chosen.emit([Path(name) for name in names])
