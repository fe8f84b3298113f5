"""Ways to move money, by name: a new channel is one module and one line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from server.channels.base import Channel
from server.channels.scb import ScbChannel, ScbSettings

ChannelSettings = ScbSettings
_CHANNELS: Final[dict[str, Callable[[ChannelSettings], Channel]]] = {"scb": ScbChannel}


def open_channel(name: str, settings: ChannelSettings) -> Channel:
    """Open a channel inside the running event loop; a name that is not registered is a KeyError."""
    return _CHANNELS[name](settings)
