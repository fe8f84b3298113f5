"""Whether a worker should be given calls: its schema fits, and it has not been told to end."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

import structlog
from aiohttp.web_protocol import RequestHandler

from server.database.schema import misfit
from server.database.transaction import AWAY, Database
from server.life import Life

_log = structlog.get_logger(__name__)
_AGAIN_SECONDS = 1.0
_LOOK_SECONDS = 5.0
_COME_BACK_MS = (200, 3000)
NOT_LOOKED_AT = "the database has not been reached yet"


class Door:
    """`wrong` says why the schema does not fit, or that nobody could look yet; None: all is well."""

    def __init__(self, wrong: str | None = None) -> None:
        self.wrong = wrong
        self.draining = False
        self.last = False
        self.fits = asyncio.Event()
        """Set when the schema was first seen to fit."""
        self.busy: set[RequestHandler] = set()

    @property
    def open(self) -> bool:
        """Whether more calls should come here. While others take over nobody need know that this worker ends."""
        return self.wrong is None and not (self.draining and self.last)

    def drain(self, *, last: bool) -> None:
        """Every answer from now on is its connection's last, and event streams end."""
        self.draining, self.last = True, last

    async def watch(self, database: Database, life: Life, refused: Callable[[str], None]) -> None:
        """Look at the schema again and again; the first look decides whether the worker may begin.

        `refused` is called when the first schema that is seen does not fit. One that stops to fit later, as after an
        update whose old processes should have ended, closes the worker until it fits again.
        """
        seen = False
        while True:
            try:
                self.wrong = await misfit(database)
            except AWAY as error:
                if not seen:
                    self.wrong = NOT_LOOKED_AT
                    life.told.waiting(f"the database is away ({type(error).__name__})")
            else:
                if self.wrong is not None and not seen:
                    refused(self.wrong)
                    return
                seen = True
                self.fits.set()
            if seen and self.wrong is not None:
                _log.error("the schema does not fit any more", why=self.wrong)
            await asyncio.sleep(_LOOK_SECONDS if seen else _AGAIN_SECONDS)


def come_back_in() -> int:
    """Milliseconds after which a desk should open its event stream again: not all of them in the same moment."""
    least, most = _COME_BACK_MS
    return least + secrets.randbelow(most - least)
