"""The colours, sizes and weights everything is drawn with, in a light and a dark set."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final, Literal

Tone = Literal["ok", "wait", "info", "bad", "queue", "doubt", "quiet"]
Mode = Literal["light", "dark"]

TONES: Final[tuple[Tone, ...]] = ("ok", "wait", "info", "bad", "queue", "doubt", "quiet")


@dataclass(frozen=True, slots=True)
class Tokens:
    """One colour set. Names say the use, never the hue. Each is `#rrggbb`."""

    background: str
    surface: str
    raised: str
    hover: str
    text: str
    muted: str
    faint: str
    line: str
    border: str
    accent: str
    accent_hover: str
    accent_soft: str
    on_accent: str
    focus: str
    danger: str
    danger_soft: str
    nav: str
    nav_active: str
    nav_text: str
    nav_muted: str
    nav_accent: str
    nav_line: str
    disabled: str
    disabled_text: str
    skeleton: str
    shadow: str
    ok: str
    ok_soft: str
    wait: str
    wait_soft: str
    info: str
    info_soft: str
    bad: str
    bad_soft: str
    queue: str
    queue_soft: str
    doubt: str
    doubt_soft: str
    quiet: str
    quiet_soft: str
    series_1: str
    series_2: str
    series_3: str

    def tone(self, tone: Tone) -> tuple[str, str]:
        """(text colour, soft fill) of a status tone."""
        return getattr(self, tone), getattr(self, f"{tone}_soft")


LIGHT: Final = Tokens(
    background="#f3f5f2",
    surface="#ffffff",
    raised="#ffffff",
    hover="#f4f8f5",
    text="#15211b",
    muted="#4d5a53",
    faint="#5f6c65",
    line="#e3e8e4",
    border="#818e87",
    accent="#0b6b48",
    accent_hover="#08583b",
    accent_soft="#e0f1e8",
    on_accent="#ffffff",
    focus="#0f8a5d",
    danger="#b3261e",
    danger_soft="#fdecea",
    nav="#0f2b21",
    nav_active="#1c4234",
    nav_text="#e2ede7",
    nav_muted="#9fb8ac",
    nav_accent="#f0c65a",
    nav_line="#234436",
    disabled="#e6eae7",
    disabled_text="#5e6a64",
    skeleton="#e6ebe7",
    shadow="#1a2b22",
    ok="#08603f",
    ok_soft="#dff3e8",
    wait="#7d4b00",
    wait_soft="#fdeccc",
    info="#1a539e",
    info_soft="#e2edfb",
    bad="#ab221b",
    bad_soft="#fde5e2",
    queue="#643aa8",
    queue_soft="#efe8fb",
    doubt="#951a58",
    doubt_soft="#fce4ef",
    quiet="#4b5751",
    quiet_soft="#e9edea",
    series_1="#157f57",
    series_2="#c07a0c",
    series_3="#bf3a30",
)

DARK: Final = Tokens(
    background="#0e1512",
    surface="#161f1b",
    raised="#1d2823",
    hover="#1c2722",
    text="#e8f0ec",
    muted="#aebbb4",
    faint="#96a49d",
    line="#28342e",
    border="#6d7d75",
    accent="#45c794",
    accent_hover="#63d7a9",
    accent_soft="#173c2e",
    on_accent="#05231a",
    focus="#45c794",
    danger="#ff8f86",
    danger_soft="#3a1d1b",
    nav="#0a110e",
    nav_active="#18271f",
    nav_text="#dce8e1",
    nav_muted="#93a79c",
    nav_accent="#f0c65a",
    nav_line="#1d2a24",
    disabled="#232d28",
    disabled_text="#8e9b95",
    skeleton="#232e28",
    shadow="#000000",
    ok="#63d5a4",
    ok_soft="#143a2b",
    wait="#f2bd68",
    wait_soft="#40300f",
    info="#8dbdf8",
    info_soft="#1a3150",
    bad="#ff9f97",
    bad_soft="#47211f",
    queue="#c7aaf7",
    queue_soft="#33254f",
    doubt="#f79cc6",
    doubt_soft="#451930",
    quiet="#b4c0ba",
    quiet_soft="#29332e",
    series_1="#3fbd8b",
    series_2="#dca03f",
    series_3="#e8766c",
)

MODES: Final[dict[Mode, Tokens]] = {"light": LIGHT, "dark": DARK}

# Text pairs must reach 4.5:1 and edges 3:1 (WCAG 2.2, 1.4.3 and 1.4.11); the theme's test walks both lists.
TEXT_PAIRS: Final[tuple[tuple[str, str], ...]] = (
    *((ink, paper) for ink in ("text", "muted", "faint") for paper in ("background", "surface", "raised", "hover")),
    ("text", "accent_soft"),
    ("muted", "accent_soft"),
    ("accent", "surface"),
    ("accent", "accent_soft"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("danger", "surface"),
    ("danger", "danger_soft"),
    ("disabled_text", "disabled"),
    *((ink, paper) for ink in ("nav_text", "nav_muted", "nav_accent") for paper in ("nav", "nav_active")),
    *((tone, f"{tone}_soft") for tone in TONES),
    *((tone, "surface") for tone in TONES),
)
EDGE_PAIRS: Final[tuple[tuple[str, str], ...]] = (
    ("border", "surface"),
    ("border", "background"),
    ("focus", "surface"),
    ("focus", "background"),
    ("series_1", "surface"),
    ("series_2", "surface"),
    ("series_3", "surface"),
)


def names() -> list[str]:
    """Every token's name."""
    return [field.name for field in fields(Tokens)]


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two `#rrggbb` colours, 1.0 to 21.0."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
