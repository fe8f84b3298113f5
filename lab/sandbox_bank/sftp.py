"""The bank's SFTP drop: key authentication, a tree to read, an inbox to write, nothing outside it."""

from __future__ import annotations

import base64
import contextlib
import errno
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, cast

import paramiko
from paramiko import common, sftp

from lab.sandbox_bank import inbox
from lab.sandbox_bank.faults import Fault, FaultBoard

_LOGIN_SECONDS: Final = 20


class _Login(paramiko.ServerInterface):
    def __init__(self, user: str, key: paramiko.PKey) -> None:
        self._user, self._key = user, key
        self.hang_up: Callable[[], None] = lambda: None

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        known = username == self._user and key.asbytes() == self._key.asbytes()
        return common.AUTH_SUCCESSFUL if known else common.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        if kind == "session":
            return common.OPEN_SUCCEEDED
        return common.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED


class _Reading(paramiko.SFTPHandle):
    readfile: BinaryIO


class _Tree(paramiko.SFTPServerInterface):
    """Lists and reads below one folder, writes in its inbox; every other verb keeps the base class's refusal."""

    def __init__(self, server: paramiko.ServerInterface, root: Path, faults: FaultBoard) -> None:
        super().__init__(server)
        self._root, self._faults, self._server = root, faults, server

    def _place(self, path: str) -> Path:
        # canonicalize() folds ".." away, so no name reaches above the root.
        return self._root / PurePosixPath(self.canonicalize(path)).relative_to("/")

    def list_folder(self, path: str) -> Any:
        try:
            with os.scandir(self._place(path)) as entries:
                return [paramiko.SFTPAttributes.from_stat(entry.stat(), entry.name) for entry in entries]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or errno.EIO)

    def stat(self, path: str) -> Any:
        try:
            return paramiko.SFTPAttributes.from_stat(self._place(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or errno.EIO)

    lstat = stat

    def open(self, path: str, flags: int, attr: Any) -> Any:
        place = self._place(path)
        if inbox.wants_to_write(flags):
            if not inbox.may_write(self._root, place):
                return sftp.SFTP_PERMISSION_DENIED
            return inbox.open_for_writing(place, flags, self._faults)
        try:
            handle = _Reading(flags)
            handle.readfile = place.open("rb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or errno.EIO)
        return handle

    def rename(self, oldpath: str, newpath: str) -> Any:
        old, new = self._place(oldpath), self._place(newpath)
        if not (inbox.may_write(self._root, old) and inbox.may_write(self._root, new)):
            return sftp.SFTP_PERMISSION_DENIED
        if self._faults.strike(Fault.UPLOAD_REFUSED, "upload"):
            return sftp.SFTP_FAILURE
        result = inbox.rename(old, new)
        if self._faults.strike(Fault.UPLOAD_ANSWER_LOST, "upload"):
            cast("_Login", self._server).hang_up()
        return result


class SftpDrop:
    """A real SSH server on loopback, in threads of its own; `port` is the one it listens on."""

    def __init__(
        self,
        host: str,
        port: int,
        root: Path,
        host_key_file: Path,
        user: str,
        client_key: str,
        faults: FaultBoard | None = None,
    ) -> None:
        self._root, self._user, self._faults = root, user, faults or FaultBoard()
        self._host_key = paramiko.Ed25519Key.from_private_key_file(str(host_key_file))
        self._client_key = paramiko.Ed25519Key(data=base64.b64decode(client_key.split()[1]))
        self._listener = socket.create_server((host, port))
        self.port: int = self._listener.getsockname()[1]
        self._transports: list[paramiko.Transport] = []
        self._accepting = threading.Thread(target=self._accept, name="sandbox-sftp", daemon=True)
        self._accepting.start()

    def close(self) -> None:
        """Stop listening and end every session."""
        with contextlib.suppress(OSError):  # only Linux wakes accept() this way; elsewhere close() does
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()
        for transport in self._transports:
            transport.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._transports = [known for known in self._transports if known.is_active()]
            self._transports.append(self._serve(connection))

    def _serve(self, connection: socket.socket) -> paramiko.Transport:
        transport = paramiko.Transport(connection)
        transport.auth_timeout = _LOGIN_SECONDS
        transport.add_server_key(self._host_key)
        transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Tree, self._root, self._faults)
        login = _Login(self._user, self._client_key)
        login.hang_up = transport.close
        # With an event the negotiation runs in the transport's thread: a slow stranger can't hold up the next client.
        transport.start_server(event=threading.Event(), server=login)
        return transport
