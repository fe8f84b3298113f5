"""Ways to move money, by name: a new channel is one new file in this package, and nothing else changes."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from server.channels.base import Channel, Manifest, Plugin


def plugins() -> dict[str, Plugin]:
    """Every channel whose module lies in this package's path and binds PLUGIN, in the order of names."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    offered = [plugin for module in modules if isinstance(plugin := getattr(module, "PLUGIN", None), Plugin)]
    return {plugin.name: plugin for plugin in sorted(offered, key=lambda plugin: plugin.name)}


def manifests() -> dict[str, Manifest]:
    """What each channel can do, known without opening it."""
    return {name: plugin.manifest for name, plugin in plugins().items()}


def open_channel(name: str, settings: msgspec.Struct | Mapping[str, Any] | None = None) -> Channel:
    """Open a channel inside the running event loop; a name that is not found is a KeyError.

    Settings may be the channel's own struct or its section as a mapping; a mapping that does not fit raises
    `msgspec.ValidationError`.
    """
    plugin = plugins()[name]
    return plugin.open(msgspec.convert(settings or {}, plugin.settings, from_attributes=True, dec_hook=_path))


def open_channels(settings: Mapping[str, msgspec.Struct | Mapping[str, Any]]) -> dict[str, Channel]:
    """Open every channel that has settings, and those that need none; names beyond those found are a KeyError."""
    unknown = settings.keys() - plugins().keys()
    if unknown:
        raise KeyError(f"no such channel: {', '.join(sorted(unknown))}")
    return {name: open_channel(name, settings.get(name)) for name in sorted(set_up(settings))}


def set_up(settings: Mapping[str, object]) -> frozenset[str]:
    """The channels of an installation with these sections: those that have one, and those that need none."""
    return frozenset(name for name, plugin in plugins().items() if name in settings or _needs_nothing(plugin))


def _path(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str | Path):
        return Path(value)
    raise ValueError("expected a path")


def _needs_nothing(plugin: Plugin) -> bool:
    return not any(field.required for field in msgspec.structs.fields(plugin.settings))
