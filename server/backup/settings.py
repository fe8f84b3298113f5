"""Where backups are kept, how many, and when they are too old."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class BackupSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The section [backup]; every key has a default.

    `folder` is relative to the settings file; better a disk of its own, for one in the data folder is lost with the
    machine. `way` is what to take: `auto` is a physical copy where the server allows it and a dump elsewhere. Where
    PostgreSQL keeps summaries of its log (17 or newer, summarize_wal), copies of less than `full_days` after a full one
    hold only what has changed; 0 makes all of them full. `keep_daily` days and `keep_weekly` weeks keep their newest
    backup. A backup older than `backup_hours`, or a proof older than `proof_days`, is not well. `binaries` are further
    folders with pg_dump, pg_restore and postgres.
    """

    folder: Path = Path("backups")
    way: Literal["auto", "base", "dump"] = "auto"
    full_days: Annotated[int, Meta(ge=0, le=366)] = 7
    keep_daily: Annotated[int, Meta(ge=1, le=3650)] = 7
    keep_weekly: Annotated[int, Meta(ge=0, le=520)] = 5
    backup_hours: Annotated[int, Meta(ge=1, le=8760)] = 26
    proof_days: Annotated[int, Meta(ge=1, le=366)] = 8
    binaries: tuple[str, ...] = ()
