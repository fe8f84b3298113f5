"""Documents that the system's own viewer must open: private files in the profile, gone again as soon as possible."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from pathlib import Path
from typing import Final

from desktop.core.guard import write_private

FOLDER: Final = "viewed"
SUFFIXES: Final = {"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg"}


async def keep_for_viewing(profile: Path, sha256: str, media_type: str, content: bytes) -> Path:
    """Write a document where only its owner reads it; the name says nothing of whom it is about."""
    path = profile / FOLDER / (sha256[:16] + SUFFIXES.get(media_type, ".bin"))
    await asyncio.to_thread(write_private, path, content)
    return path


async def forget_viewed(profile: Path) -> None:
    """Remove what was kept; a file that a viewer still holds open goes the next time."""
    with contextlib.suppress(OSError):
        await asyncio.to_thread(shutil.rmtree, profile / FOLDER, ignore_errors=True)
