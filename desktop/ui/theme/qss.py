"""The style sheet over Fusion, built from the tokens; delegates paint for themselves and never come through here."""

from __future__ import annotations

import resources
from desktop.ui.theme.fonts import PIXELS, scaled
from desktop.ui.theme.tokens import LIGHT, Tokens


def build(t: Tokens) -> str:
    """The whole application style sheet. A radius never exceeds half the height: Qt would draw a square."""
    return "\n".join((_base(t), _buttons(t), _fields(t), _checks(t), _surfaces(t), _table(t), _scrollbars(t), _nav(t)))


def _art(name: str, t: Tokens) -> str:
    mode = "light" if t == LIGHT else "dark"
    return resources.path("controls", f"{name}-{mode}.svg").as_posix()


def _base(t: Tokens) -> str:
    px = {name: scaled(size) for name, size in PIXELS.items()}
    return f"""
QWidget {{ color: {t.text}; font-size: {px["body"]}px; }}
QMainWindow, QDialog, QWidget[room="page"] {{ background: {t.background}; }}
QLabel {{ background: transparent; }}
QLabel[ink="muted"] {{ color: {t.muted}; }}
QLabel[ink="faint"] {{ color: {t.faint}; }}
QLabel[ink="accent"] {{ color: {t.accent}; }}
QLabel[ink="danger"] {{ color: {t.danger}; }}
QLabel[ink="ok"] {{ color: {t.ok}; }}
QLabel[ink="wait"] {{ color: {t.wait}; }}
QLabel[step="small"] {{ font-size: {px["small"]}px; }}
QLabel[step="title"] {{ font-size: {px["title"]}px; font-weight: 600; }}
QLabel[step="heading"] {{ font-size: {px["heading"]}px; font-weight: 600; }}
QLabel[step="figure"] {{ font-size: {px["figure"]}px; font-weight: 600; }}
QLabel[weight="medium"] {{ font-weight: 500; }}
QLabel[weight="semibold"] {{ font-weight: 600; }}
QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.border}; padding: 5px 8px; }}
"""


def _buttons(t: Tokens) -> str:
    return f"""
QPushButton {{ min-height: {scaled(36)}px; padding: 0 14px; border-radius: 8px; font-weight: 500;
  background: {t.surface}; color: {t.text}; border: 1px solid {t.border}; }}
QPushButton:hover {{ background: {t.hover}; border-color: {t.faint}; }}
QPushButton:pressed {{ background: {t.accent_soft}; }}
QPushButton:focus {{ border: 2px solid {t.focus}; padding: 0 13px; min-height: {scaled(36) - 2}px; }}
QPushButton:disabled {{ background: {t.disabled}; color: {t.disabled_text}; border-color: {t.line}; }}
QPushButton[kind="primary"] {{ background: {t.accent}; color: {t.on_accent}; border-color: {t.accent};
  font-weight: 600; }}
QPushButton[kind="primary"]:hover {{ background: {t.accent_hover}; border-color: {t.accent_hover}; }}
QPushButton[kind="primary"]:focus {{ border: 2px solid {t.text}; }}
QPushButton[kind="primary"]:disabled {{ background: {t.disabled}; color: {t.disabled_text};
  border-color: {t.disabled}; }}
QPushButton[kind="danger"] {{ color: {t.danger}; border-color: {t.danger}; }}
QPushButton[kind="danger"]:hover {{ background: {t.danger_soft}; }}
QPushButton[kind="danger"]:disabled {{ color: {t.disabled_text}; border-color: {t.line}; }}
QPushButton[kind="quiet"], QToolButton {{ background: transparent; border: 1px solid transparent; }}
QPushButton[kind="quiet"] {{ color: {t.accent}; padding: 0 10px; }}
QPushButton[kind="quiet"]:hover, QToolButton:hover {{ background: {t.accent_soft}; }}
QPushButton[kind="quiet"]:focus, QToolButton:focus {{ border: 2px solid {t.focus}; }}
QToolButton:focus {{ padding: 5px; }}
QToolButton {{ border-radius: 8px; padding: 6px; min-height: {scaled(22)}px; min-width: {scaled(22)}px; }}
QLineEdit QToolButton {{ padding: 0; min-height: 0; min-width: 0; border: none; background: transparent; }}
QToolButton[kind="wide"] {{ padding: 6px 10px; font-weight: 500; color: {t.muted}; }}
"""


def _fields(t: Tokens) -> str:
    # A thicker edge takes its two pixels from the content, so that focus and errors move nothing.
    return f"""
QLineEdit, QComboBox, QPlainTextEdit {{ background: {t.surface}; color: {t.text}; border: 1px solid {t.border};
  border-radius: 8px; padding: 0 11px; selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
QLineEdit, QComboBox {{ min-height: {scaled(36)}px; }}
QPlainTextEdit {{ padding: 6px 8px; }}
QLineEdit:hover, QComboBox:hover {{ border-color: {t.faint}; }}
QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus {{ border: 2px solid {t.focus}; padding: 0 10px; }}
QLineEdit:focus, QComboBox:focus, QLineEdit[wrong="true"] {{ min-height: {scaled(36) - 2}px; }}
QPlainTextEdit:focus {{ padding: 5px 7px; }}
QLineEdit[wrong="true"] {{ border: 2px solid {t.danger}; padding: 0 10px; }}
QLineEdit:disabled, QComboBox:disabled, QPlainTextEdit:disabled {{ background: {t.disabled};
  color: {t.disabled_text}; border-color: {t.line}; }}
QLineEdit[amount="true"] {{ font-size: {scaled(PIXELS["heading"])}px; font-weight: 600;
  min-height: {scaled(46)}px; }}
QLineEdit[code="true"] {{ font-size: {scaled(PIXELS["heading"])}px; font-weight: 600; letter-spacing: 6px;
  min-height: {scaled(46)}px; }}
QLineEdit[amount="true"]:focus, QLineEdit[amount="true"][wrong="true"],
QLineEdit[code="true"]:focus, QLineEdit[code="true"][wrong="true"] {{ min-height: {scaled(46) - 2}px; }}
QLineEdit[bare="true"] {{ border: none; background: transparent; padding: 0; }}
QComboBox::drop-down {{ width: 30px; border: none; }}
QComboBox::down-arrow {{ image: url({_art("chevron", t)}); width: 16px; height: 16px; }}
QComboBox QAbstractItemView {{ background: {t.raised}; border: 1px solid {t.border}; padding: 4px;
  outline: none; selection-background-color: {t.accent_soft}; selection-color: {t.text}; }}
"""


def _checks(t: Tokens) -> str:
    box = scaled(18)
    return f"""
QCheckBox, QRadioButton {{ spacing: 10px; background: transparent; min-height: {scaled(24)}px; }}
QCheckBox::indicator {{ width: {box}px; height: {box}px; border-radius: 5px; border: 1px solid {t.border};
  background: {t.surface}; }}
QCheckBox::indicator:hover {{ border-color: {t.focus}; }}
QCheckBox::indicator:focus {{ border: 2px solid {t.focus}; }}
QCheckBox::indicator:checked {{ background: {t.accent}; border-color: {t.accent};
  image: url({_art("check", t)}); }}
QCheckBox::indicator:disabled {{ background: {t.disabled}; border-color: {t.line}; }}
QCheckBox:focus {{ text-decoration: underline; }}
QRadioButton::indicator {{ width: {box - 2}px; height: {box - 2}px; border-radius: {box // 2}px;
  border: 1px solid {t.border}; background: {t.surface}; }}
QRadioButton::indicator:checked {{ border: 5px solid {t.accent}; width: {box - 10}px; height: {box - 10}px; }}
QProgressBar {{ border: none; background: {t.skeleton}; border-radius: 3px; max-height: 6px; min-height: 6px; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: 3px; }}
"""


def _surfaces(t: Tokens) -> str:
    return f"""
QFrame[room="card"] {{ background: {t.surface}; border: 1px solid {t.line}; border-radius: 12px; }}
QFrame[room="card"][tone="accent"] {{ background: {t.accent_soft}; border-color: {t.accent}; }}
QFrame[room="card"][tone="bad"] {{ background: {t.bad_soft}; border-color: {t.bad}; }}
QFrame[room="card"][tone="wait"] {{ background: {t.wait_soft}; border-color: {t.wait}; }}
QFrame[room="card"][tone="info"] {{ background: {t.info_soft}; border-color: {t.info}; }}
QFrame[room="card"][tone="ok"] {{ background: {t.ok_soft}; border-color: {t.ok}; }}
QAbstractButton[room="stat"] {{ background: {t.surface}; border: 1px solid {t.line}; border-radius: 12px; }}
QAbstractButton[room="stat"]:hover {{ border-color: {t.accent}; background: {t.hover}; }}
QAbstractButton[room="stat"]:focus {{ border: 2px solid {t.focus}; }}
QFrame[room="popup"] {{ background: {t.raised}; border: 1px solid {t.border}; border-radius: 10px; }}
QFrame[room="drop"] {{ background: {t.surface}; border: 2px dashed {t.border}; border-radius: 12px; }}
QFrame[room="drop"][over="true"] {{ background: {t.accent_soft}; border-color: {t.accent}; }}
QFrame[room="line"] {{ background: {t.line}; border: none; max-height: 1px; min-height: 1px; }}
QFrame[room="bar"] {{ background: {t.surface}; border: none; border-bottom: 1px solid {t.line}; }}
QScrollArea, QScrollArea > QWidget > QWidget[room="clear"] {{ background: transparent; border: none; }}
QListView[room="choices"] {{ background: transparent; border: none; outline: none; }}
"""


def _table(t: Tokens) -> str:
    return f"""
QFrame[room="table"] {{ background: {t.surface}; border: 1px solid {t.line}; border-radius: 12px; }}
QFrame[room="table"][focused="true"] {{ border-color: {t.focus}; }}
QTableView {{ background: transparent; border: none; outline: none; gridline-color: transparent;
  selection-background-color: transparent; }}
QTableView::item {{ border: none; }}
QHeaderView {{ background: transparent; border: none; }}
QHeaderView::section {{ background: transparent; color: {t.muted}; border: none; padding: 0 10px;
  border-bottom: 1px solid {t.line}; font-size: {scaled(PIXELS["small"])}px; font-weight: 500; }}
QHeaderView::section:hover {{ color: {t.text}; }}
QTableCornerButton::section, QAbstractScrollArea::corner {{ background: transparent; border: none; }}
"""


def _scrollbars(t: Tokens) -> str:
    return f"""
QScrollBar {{ background: transparent; border: none; margin: 0; }}
QScrollBar:vertical {{ width: 12px; }}
QScrollBar:horizontal {{ height: 12px; }}
QScrollBar::handle {{ background: {t.border}; border-radius: 4px; margin: 2px; min-height: 36px; min-width: 36px; }}
QScrollBar::handle:hover {{ background: {t.faint}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


def _nav(t: Tokens) -> str:
    return f"""
QFrame[room="nav"] {{ background: {t.nav}; border: none; }}
QFrame[room="nav"] QLabel {{ color: {t.nav_text}; }}
QFrame[room="nav"] QLabel[ink="muted"] {{ color: {t.nav_muted}; }}
QFrame[room="nav"] QFrame[room="line"] {{ background: {t.nav_line}; }}
"""
