"""Starts the desk: `python -m desktop`, with `--demo demo.json --user NAME` as one of a demo's people."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from desktop.core.demo_file import read_demo_file
from desktop.core.settings import default_profile, load_settings, save_settings
from desktop.provision import NewProfile, lay_out
from desktop.ui.app import run
from desktop.ui.heart import Heart, Start
from desktop.ui.registry_of_pages import all_pages
from desktop.ui.shell import Shell


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, or 3 when the profile is in use by another window."""
    given = _parser().parse_args(arguments)
    start = _start(given)
    changes = {"server": given.server, "language": given.language}
    _remember(start.profile, {name: value for name, value in changes.items() if value})

    async def prepare(shell: Shell) -> None:
        heart = Heart(shell, start)
        shell.at_end(heart.end)
        await heart.begin()

    return run([sys.argv[0]], start.profile, all_pages(), prepare)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sheaf desk", description="The desk of Sheaf.")
    parser.add_argument("--profile", type=Path, help="folder of this desk's key, outbox and settings")
    parser.add_argument("--server", help="address of the server, kept in the profile")
    parser.add_argument("--demo", type=Path, help="demo.json of a running demo")
    parser.add_argument("--user", default="", help="with --demo: whose desk this is")
    parser.add_argument("--language", choices=("th", "en"), help="kept in the profile")
    return parser


def _start(given: argparse.Namespace) -> Start:
    if given.demo is None:
        return Start(profile=given.profile or default_profile())
    try:
        demo = read_demo_file(given.demo)
    except (OSError, msgspec.MsgspecError) as wrong:
        raise SystemExit(f"{given.demo} is no running demo's demo.json: {wrong}") from None
    user = demo.user(given.user)
    if user is None:
        raise SystemExit(f"--user must be one of: {', '.join(user.username for user in demo.users)}")
    profile = given.profile or Path(user.profile)
    problem = lay_out(
        NewProfile(
            directory=str(profile),
            pin=user.pin,
            seed=user.device_seed,
            server=demo.url,
            device_id=user.device_id,
            last_user=user.username,
            undo_seconds=load_settings(profile).undo_seconds,
            ca_file=load_settings(profile).ca_file,
        )
    )
    if problem is not None:
        raise SystemExit(f"the key of {user.username} cannot be opened: {problem.value}")
    return Start(profile=profile, pin=user.pin, username=user.username, password=user.password)


def _remember(profile: Path, changes: dict[str, str]) -> None:
    if changes:
        kept = msgspec.to_builtins(load_settings(profile)) | changes
        save_settings(profile, msgspec.convert(kept, type=type(load_settings(profile))))


if __name__ == "__main__":
    sys.exit(main())
