"""Where alarms go: the section [alarm] of the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class AlarmSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mail goes out where `mail_host` and `mail_to` are set, and `command` is run where it is; without both nobody is
    told. `mail_tls`: starttls (port 587), tls (465), or none, which sends no password but to this machine itself.

    `command` is a program with its arguments, never a shell's line; it gets JSON on standard input. `least`: bad tells
    of what a person must act on now, warns of what is to be done in time as well.
    """

    installation: str = ""
    """How this installation is called in messages; else the machine's name."""
    least: Literal["bad", "warns"] = "warns"
    mail_host: str = ""
    mail_port: Annotated[int, Meta(ge=1, le=65535)] = 587
    mail_tls: Literal["starttls", "tls", "none"] = "starttls"
    mail_authority_file: Path | None = None
    """Who vouches for the mail server, where the system's authorities don't."""
    mail_user: str = ""
    mail_password: str = ""
    mail_from: str = ""
    mail_to: tuple[str, ...] = ()
    mail_seconds: Annotated[float, Meta(gt=0, le=120)] = 20.0
    command: tuple[str, ...] = ()
    command_seconds: Annotated[float, Meta(gt=0, le=120)] = 20.0
    every_seconds: Annotated[float, Meta(ge=0.1, le=60)] = 10.0
    """How often everything is looked at."""

    def __repr__(self) -> str:
        return f"AlarmSection(mail={bool(self.mail_host)}, command={bool(self.command)})"
