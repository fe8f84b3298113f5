"""Logs: one JSON object a line on standard error, with the correlation id, and nothing personal in them."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# Thai digits count as well: a person's number is a person's number however it is written. Groups of a national id or
# an account may be set apart by spaces or hyphens. UUIDs and times are ours and stay.
_PERSONAL = re.compile(
    r"(?P<ours>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+)"
    r"|(?<![0-9A-Za-z๐-๙])(?:[0-9๐-๙][ -]?){9,14}[0-9๐-๙](?![0-9A-Za-z๐-๙])"
)
_HIDDEN = "[number]"
# PostgreSQL quotes whole rows, with their names, where it says why it refused one.
_QUOTED_ROW = re.compile(r"^DETAIL:.*$", re.MULTILINE)


def configure_logs(process: str, *, level: int = logging.INFO) -> None:
    """Send structlog and the standard library's loggers through the same processors; call once, at the start."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _name(process),
        hide_numbers,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                hide_numbers,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)


def hide_numbers(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace whatever looks like a national id or an account number (10 to 15 digits), however deep it lies."""
    return {key: _hidden(value) for key, value in event.items()}


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return _PERSONAL.sub(lambda found: found["ours"] or _HIDDEN, _QUOTED_ROW.sub("DETAIL: [hidden]", value))
    if isinstance(value, bool | float) or value is None:
        return value
    if isinstance(value, int):
        return _HIDDEN if 10 <= len(str(abs(value))) <= 15 else value
    if isinstance(value, MutableMapping):
        return {_hidden(key): _hidden(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_hidden(inner) for inner in value]
    return _hidden(str(value))


def _name(process: str) -> structlog.typing.Processor:
    def add(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {"process": process, **event}

    return add
