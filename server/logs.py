"""Logs: one JSON object a line on standard error, with the correlation id, and nothing personal in them."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import re
import socket
import stat
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final

import msgspec
import structlog

# Thai digits count as well: a person's number is a person's number however it is written. Groups of a national id or
# an account may be set apart by spaces or hyphens. UUIDs and times are ours and stay.
_PERSONAL = re.compile(
    r"(?P<ours>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+)"
    r"|(?<![0-9A-Za-z๐-๙])(?:[0-9๐-๙][ -]?){9,14}[0-9๐-๙](?![0-9A-Za-z๐-๙])"
)
_HIDDEN = "[number]"
_STANDARD_ERROR: Final = 2
_LONGEST: Final = 4096
"""Bytes of a line with its end: what a pipe takes as a whole (PIPE_BUF of Linux)."""
_TEXT: Final = 1000
"""Characters of one text in a line; of a longer one the beginning and, as a trace tells most there, the end."""
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
        logger_factory=lambda *_names: _LINES,
        cache_logger_on_first_use=True,
    )
    _LINES.speaks_for = process if level <= logging.INFO else ""
    handler = _Handler()
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
    logging.captureWarnings(True)
    sys.excepthook = _last_words
    threading.excepthook = lambda told: _last_words(told.exc_type, told.exc_value, told.exc_traceback)


@contextlib.contextmanager
def never_waiting() -> Iterator[None]:
    """Let nothing that writes to standard error wait or raise meanwhile, whoever writes there; for who serves.

    What a library prints becomes lines like all others. What the interpreter or C code writes to the descriptor itself
    goes to a description that doesn't wait.
    """
    with contextlib.suppress(OSError):
        kind = os.fstat(_STANDARD_ERROR).st_mode
        if stat.S_ISSOCK(kind):  # a service manager's, ours alone
            os.set_blocking(_STANDARD_ERROR, False)
        elif not stat.S_ISREG(kind):
            # Reopened, for the other description belongs to whoever started us, too.
            own = os.open(f"/proc/self/fd/{_STANDARD_ERROR}", os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_NOCTTY)
            os.dup2(own, _STANDARD_ERROR)
            os.close(own)
    before = sys.stderr, sys.unraisablehook
    sys.stderr = _Printed()
    sys.unraisablehook = lambda told: _last_words(told.exc_type, told.exc_value, told.exc_traceback)
    try:
        yield
    finally:
        sys.stderr, sys.unraisablehook = before


class _Printed(io.TextIOBase):
    """Standard error as it looks to a library that prints: its lines are told like those of a log."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self._rest = ""

    def fileno(self) -> int:
        return _STANDARD_ERROR

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            if line.strip():
                logging.getLogger("printed").warning("%s", line)
        return len(text)


class _Lines:
    """Writes whole lines to standard error; never waits, never raises: a line that can't be written is counted.

    A full disk, a pipe that nobody reads and a closed one all cost log lines, never a request or a payment. Lines are
    cut at `_LONGEST` bytes, below which a pipe takes a line as a whole: those of several workers don't tear.
    """

    def __init__(self) -> None:
        self.speaks_for = ""
        """The process whose lines of INFO are told; none where nobody wants them."""
        self.dropped = 0
        self._told, self._torn = 0, False
        self._stream: object = None
        self._write: Callable[[bytes], int] = len

    def msg(self, line: str, lines: int = 1) -> None:
        """Write one line, or some that are short, and before them how many were lost when that has changed."""
        if sys.stderr is not self._stream:
            self._stream, self._write = sys.stderr, _writer()
        lost = self.dropped
        if lost != self._told and self._put(json.dumps({"event": "log lines were lost", "lost": lost})):
            self._told = lost
        if not self._put(line):
            self.dropped += lines

    def many(self, lines: Sequence[bytes]) -> None:
        """Write whole lines, as many at once as a pipe takes as a whole; each is shorter than that."""
        at = 0
        while at < len(lines):
            end, size = at, 0
            while end < len(lines) and size + len(lines[end]) + 1 < _LONGEST:
                size += len(lines[end]) + 1
                end += 1
            end = max(end, at + 1)
            self.msg(b"\n".join(lines[at:end]).decode(), end - at)
            at = end

    debug = info = warning = error = critical = exception = log = fatal = failure = err = msg

    def _put(self, line: str) -> bool:
        whole = (b"\n" if self._torn else b"") + _fitting(line) + b"\n"
        try:
            written = self._write(whole)
        except (OSError, ValueError):
            return False
        self._torn = written != len(whole)
        return not self._torn


def _writer() -> Callable[[bytes], int]:
    """A way to write to standard error that doesn't wait; a description of our own, for ours alone never waits."""
    try:
        known = sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):  # replaced, as in a test: what stands there takes text
        stream = sys.stderr
        return lambda line: _told_to(stream, line)
    if stat.S_ISSOCK(os.fstat(known).st_mode):  # as a service manager's journal is
        spoken = socket.socket(fileno=os.dup(known))
        return lambda line: spoken.send(line, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
    try:
        own = os.open(f"/proc/self/fd/{known}", os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:  # no such file system, or one that is not ours to open: then it may wait
        own = known
    return lambda line: os.write(own, line)


def _told_to(stream: Any, line: bytes) -> int:
    stream.write(line.decode())
    stream.flush()
    return len(line)


def _fitting(line: str) -> bytes:
    """The line in bytes; one that is too long as its beginning and its end, still JSON."""
    whole = line.encode(errors="replace")
    if len(whole) < _LONGEST:
        return whole
    part = _LONGEST // 5  # quotes and backslashes at most double it
    parts = {"begins": whole[:part].decode(errors="ignore"), "ends": whole[-part:].decode(errors="ignore")}
    return json.dumps({"event": "long line", **parts}, ensure_ascii=False).encode()


class _Handler(logging.Handler):
    """The standard library's records as lines; one that can't be told says so instead of raising."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            _LINES.msg(self.format(record))
        except Exception as bad:  # a record of a library's that does not fit its own arguments
            _LINES.msg(json.dumps({"event": "a log record was bad", "at": record.pathname, "why": type(bad).__name__}))


def lost_lines() -> int:
    """How many log lines of this process could not be written."""
    return _LINES.dropped


def tell_many(event: str, told: Iterable[tuple[float, dict[str, object]]]) -> None:
    """The same event of INFO many times, each with its time (seconds since 1970) and what is said of it: for what is
    told of every call, at a tenth of what a logger takes. Who says it sees to it that nothing personal is in it."""
    if _LINES.speaks_for:
        _LINES.many([_told_of(event, at, said) for at, said in told])


def _told_of(event: str, at: float, said: dict[str, object]) -> bytes:
    moment = msgspec.to_builtins(datetime.fromtimestamp(at, UTC))
    line = {"process": _LINES.speaks_for, **said, "event": event, "level": "info", "timestamp": moment}
    return msgspec.json.encode(line)


def without_numbers(text: str) -> str:
    """A text from outside without what looks like a national id or an account number."""
    # one word that is no number, as most are: the search takes a hundred times as long
    if text.isascii() and text.isalnum() and not text.isdigit():
        return text
    return _PERSONAL.sub(lambda found: found["ours"] or _HIDDEN, text)


def _last_words(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    told = structlog.get_logger(__name__)
    if error is not None and issubclass(kind, Exception):
        told.critical("ended by an error", exc_info=(kind, error, trace))
    else:
        told.info("ended", reason=kind.__name__)


_LINES: Final = _Lines()


def hide_numbers(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace whatever looks like a national id or an account number (10 to 15 digits), however deep it lies.

    Long texts are cut in their middle afterwards, so that no number is cut into halves that look like none.
    """
    hidden = {key: _hidden(value) for key, value in event.items()}
    return {key: _shortened(value) if isinstance(value, str) else value for key, value in hidden.items()}


def _shortened(value: str) -> str:
    return value if len(value) <= _TEXT else f"{value[: _TEXT // 3]} [...] {value[-_TEXT // 3 * 2 :]}"


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return without_numbers(_QUOTED_ROW.sub("DETAIL: [hidden]", value))
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
