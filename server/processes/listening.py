"""The listening sockets: one that the master opens and its workers inherit, or those that a service manager passes.

The socket outlives every worker, so that what a caller has connected to is answered by whoever comes next. It is not
shared with other masters: a port that is taken is refused, or another database's API would get half of the calls.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from server.environment import passed_sockets

_BACKLOG = 1024
_LISTENS = "0A"
_ABSENT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


class PortTaken(Exception):
    """Nobody can listen there; the text says why, and who does."""


def passed() -> list[socket.socket]:
    """The sockets that a service manager has opened for us. Raises PortTaken when one of them listens to nobody."""
    found = []
    for descriptor in passed_sockets():
        os.set_inheritable(descriptor, False)
        one = socket.socket(fileno=descriptor)
        if not _is_listening(one):
            raise PortTaken(f"The socket {descriptor} that the service manager passed does not listen for connections.")
        one.setblocking(False)
        found.append(one)
    return found


def listen(host: str, port: int) -> list[socket.socket]:
    """Listen at an address or name. Raises PortTaken."""
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise PortTaken(f"{host} is not an address of this machine: {error.strerror or error}.") from error
    except UnicodeError as error:  # such as two dots in a row, which is no name at all
        raise PortTaken(f"{host[:100]} is not an address of this machine: it is no name.") from error
    found: list[socket.socket] = []
    absent: OSError | None = None
    for family, address in dict.fromkeys((place[0], place[4]) for place in places):
        try:
            found.append(_open(family, address))
        except OSError as error:
            if error.errno in _ABSENT:  # a name of two kinds of addresses, of which the machine has one
                absent = error
                continue
            close(found)
            raise PortTaken(_why(host, port, error)) from error
    if not found:
        raise PortTaken(f"{host} is not an address of this machine.") from absent
    return found


def close(sockets: Iterable[socket.socket]) -> None:
    """Close them here; who inherited them goes on."""
    for one in sockets:
        one.close()


def _open(family: int, address: tuple[object, ...]) -> socket.socket:
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        # Calls of a moment ago keep the address busy for a minute; another listener is refused all the same.
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(address)
        one.listen(_BACKLOG)
        one.setblocking(False)
    except BaseException:
        one.close()
        raise
    return one


def _is_listening(one: socket.socket) -> bool:
    with suppress(OSError):
        return one.type == socket.SOCK_STREAM and bool(one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    return False


def _why(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"{host} port {port} is in use: {_who(port)} listens there. Stop it, or name another port "
            "in [api] of the settings or by --port."
        )
    if error.errno == errno.EACCES:
        return f"{host} port {port} may not be opened by this user; choose a port above 1023."
    return f"{host} port {port} can't be listened on: {error.strerror}."


def _who(port: int) -> str:
    """The process that listens on a port, as far as this user may see it (Linux)."""
    sockets = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError, IndexError, ValueError):
            for row in Path(table).read_text("ascii").splitlines()[1:]:
                cells = row.split()
                if cells[3] == _LISTENS and int(cells[1].rpartition(":")[2], 16) == port:
                    sockets.add(f"socket:[{cells[9]}]")
    for process in sorted(Path("/proc").glob("[0-9]*"), key=lambda place: int(place.name)) if sockets else ():
        with suppress(OSError):
            if any(os.readlink(each) in sockets for each in (process / "fd").iterdir()):
                words = (process / "cmdline").read_bytes().split(b"\0")
                return f"process {process.name} ({b' '.join(words).decode(errors='replace').strip()[:120]})"
    return "another process"
