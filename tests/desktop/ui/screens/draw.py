"""Draws the signing and treasury screens with made-up data: `python -m tests.desktop.ui.screens.draw --out DIR`."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

from PySide6.QtWidgets import QWidget

from desktop.i18n import Language, nav
from desktop.ui.app import make_application
from desktop.ui.gallery import draw
from desktop.ui.loop import make_loop
from desktop.ui.registry_of_pages import all_pages
from desktop.ui.shell import Person, Shell
from desktop.ui.theme.look import TextSize, look
from desktop.ui.theme.tokens import Mode
from desktop.ui.widgets import topbar
from shared.permissions import Role
from tests.desktop.ui.screens import pictures
from tests.desktop.ui.screens.sample_desk import Answers, make_desk

Picture = Callable[[Shell, Answers], Awaitable[QWidget]]


def main() -> None:
    """Draw what `pictures.PICTURES` lists into --out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--text-size", type=int, choices=(100, 115, 130), default=100)
    parser.add_argument("--size", default="1440x900")
    parser.add_argument("--look", nargs="*", default=["th-light", "en-dark"])
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    app = make_application(["draw", "-platform", "offscreen"])
    app.setQuitOnLastWindowClosed(False)  # as in the application: a closed window must not stop the loop
    look.set_text_size(cast(TextSize, chosen.text_size))
    with make_loop(app) as loop:
        for which in chosen.look:
            language, mode = which.split("-")
            look.set_language(cast(Language, language))
            look.set_mode(cast(Mode, mode))
            for name, (roles, picture) in pictures.PICTURES.items():
                if chosen.only in name:
                    with tempfile.TemporaryDirectory() as directory:
                        stage = loop.run_until_complete(_set_up(Path(directory), chosen.size, roles, picture))
                        # Outside every task: drawing lets Qt run events, which must not enter a second task.
                        draw(stage.shown, chosen.out, f"{name}_{language}_{mode}")
                        loop.run_until_complete(stage.clear())


class Stage:
    """A window with its desk, put into some state."""

    def __init__(self, shell: Shell, shown: QWidget) -> None:
        self.shell, self.shown = shell, shown

    async def clear(self) -> None:
        """Close everything."""
        self.shell.forget_pages()
        await self.shell.end_work()
        self.shell.close()
        self.shell.deleteLater()
        await self.shell.core.close()


async def _set_up(directory: Path, size: str, roles: tuple[Role, ...], picture: Picture) -> Stage:
    answers = Answers()
    pictures.prepare(answers)
    desk = await make_desk(directory, answers, *roles)
    shell = Shell(all_pages(), desk)
    width, height = size.split("x")
    shell.resize(int(width), int(height))
    shell.set_person(Person("วรรณา ใจดี", nav.ROLE_MANAGER(), "NSN นครสวรรค์", frozenset(Role)))
    shell.set_sync(topbar.online("10:42:08"))
    shell.show()
    return Stage(shell, await picture(shell, answers))


if __name__ == "__main__":
    main()
