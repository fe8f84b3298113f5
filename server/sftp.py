"""One SFTP session with a host whose key is pinned; what goes wrong before it stands is told as a code."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import paramiko


class Address(Protocol):
    """Where the host is and how both sides prove who they are.

    `host_keys` are OpenSSH public keys (``ssh-ed25519 AAAA...``): every key the host has, and the old and the new one
    during a rotation. `timeout_seconds` bounds every wait for the network.
    """

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def username(self) -> str: ...
    @property
    def private_key(self) -> Path: ...
    @property
    def host_keys(self) -> tuple[str, ...]: ...
    @property
    def timeout_seconds(self) -> float: ...


class SftpProblem(StrEnum):
    """Why there is no session; `HOST_KEY_CHANGED` stops everything until a person decides."""

    HOST_KEY_CHANGED = "host_key_changed"
    UNREACHABLE = "unreachable"
    NOT_ADMITTED = "not_admitted"
    INTERRUPTED = "interrupted"


class NoSession(Exception):
    """The session could not be opened: not one file was touched."""

    def __init__(self, code: SftpProblem) -> None:
        super().__init__(code.value)
        self.code = code


REMOTE_ERRORS = (paramiko.SSHException, OSError, EOFError, UnicodeDecodeError)
"""What the calls of a session that stands may raise; a plain `OSError` may be the server's no."""


@contextmanager
def session(address: Address) -> Iterator[paramiko.SFTPClient]:
    """Open a session, raising NoSession; blocking, for a worker thread. The host's key is compared before any
    credential is shown."""
    try:
        connection = socket.create_connection((address.host, address.port), address.timeout_seconds)
    except (OSError, UnicodeError):  # a name with two dots in a row is none
        raise NoSession(SftpProblem.UNREACHABLE) from None
    with closing(connection), closing(paramiko.Transport(connection)) as transport:
        _admit(transport, address)
        yield _client(transport, address.timeout_seconds)


def _client(transport: paramiko.Transport, seconds: float) -> paramiko.SFTPClient:
    try:
        client = paramiko.SFTPClient.from_transport(transport)
    except REMOTE_ERRORS:
        raise NoSession(SftpProblem.INTERRUPTED) from None
    channel = None if client is None else client.get_channel()
    if client is None or channel is None:
        raise NoSession(SftpProblem.INTERRUPTED)
    channel.settimeout(seconds)
    return client


def _admit(transport: paramiko.Transport, address: Address) -> None:
    key = paramiko.PKey.from_path(address.private_key)
    transport.banner_timeout = transport.auth_timeout = transport.channel_timeout = address.timeout_seconds
    try:
        transport.start_client(timeout=address.timeout_seconds)
        # start_client returns silently when its time runs out; asking for the key then raises.
        shown = transport.get_remote_server_key()
    except (paramiko.SSHException, OSError, EOFError):
        raise NoSession(SftpProblem.UNREACHABLE) from None
    if f"{shown.get_name()} {shown.get_base64()}" not in {" ".join(pin.split()[:2]) for pin in address.host_keys}:
        raise NoSession(SftpProblem.HOST_KEY_CHANGED)
    try:
        transport.auth_publickey(address.username, key)
    except paramiko.AuthenticationException:
        raise NoSession(SftpProblem.NOT_ADMITTED) from None
    except (paramiko.SSHException, OSError, EOFError):
        raise NoSession(SftpProblem.INTERRUPTED) from None
