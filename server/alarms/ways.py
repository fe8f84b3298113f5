"""How alarms leave this machine: over SMTP and through a program. Each is bounded in time and says why it failed."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import signal
import smtplib
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import structlog

from server.alarm_settings import AlarmSection
from server.alarms.message import Message, document, mail

_log = structlog.get_logger(__name__)
_NAMED: Final = ("LANG", "LC_ALL", "PATH", "TZ", "HOME")


class Way(Protocol):
    """One way of telling. `send` gives None when it was taken, else why not, in a few words without a secret."""

    @property
    def name(self) -> str: ...
    async def send(self, message: Message) -> str | None: ...


def ways_of(settings: AlarmSection, environment: Mapping[str, str]) -> list[Way]:
    """Those that are set up; a program gets `environment` and nothing else."""
    ways: list[Way] = []
    if settings.mail_host and settings.mail_to:
        ways.append(Mail(settings))
    if settings.command:
        ways.append(Command(settings, environment))
    return ways


class Mail:
    """SMTP, in a thread of its own that nobody waits for at the end: a server that hangs stops nothing."""

    name = "mail"

    def __init__(self, settings: AlarmSection) -> None:
        self._settings = settings
        self._sender = settings.mail_from or f"sheaf@{socket.gethostname()}"

    async def send(self, message: Message) -> str | None:
        """Hand the mail over; all recipients must be taken."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[str | None] = loop.create_future()
        post = _Post(self._settings, self._sender)

        def work() -> None:
            answer = post.deliver(message)
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(_settle, done, answer)

        threading.Thread(target=work, name="alarm mail", daemon=True).start()
        try:
            async with asyncio.timeout(self._settings.mail_seconds):
                return await done
        except TimeoutError:
            return f"the mail server did not take it within {self._settings.mail_seconds:g} s"
        finally:
            post.hang_up()


class _Post:
    """One connection; `hang_up` may be called from another thread."""

    def __init__(self, settings: AlarmSection, sender: str) -> None:
        self._settings, self._sender = settings, sender
        self._smtp: smtplib.SMTP | None = None

    def deliver(self, message: Message) -> str | None:
        settings = self._settings
        if settings.mail_user and settings.mail_tls == "none" and not _is_this_machine(settings.mail_host):
            return "no password is sent without TLS: set mail_tls"
        try:
            smtp = self._smtp = self._connected()
            try:
                refused = self._say(smtp, message)
                # It has the mail: how the goodbye goes is nobody's matter, or the mail would go out again.
                with contextlib.suppress(smtplib.SMTPException, OSError):
                    smtp.quit()
            finally:
                smtp.close()
            return f"{len(refused)} of the recipients were refused" if refused else None
        except (smtplib.SMTPException, OSError, UnicodeError, ValueError) as error:
            return _why(error)

    def _say(self, smtp: smtplib.SMTP, message: Message) -> dict[str, tuple[int, bytes]]:
        settings = self._settings
        if settings.mail_tls == "starttls":
            smtp.starttls(context=self._context())
        if settings.mail_user:
            smtp.login(settings.mail_user, settings.mail_password)
        return smtp.send_message(mail(message, self._sender, settings.mail_to), self._sender, list(settings.mail_to))

    def hang_up(self) -> None:
        """End what may still be waiting for the server."""
        sock = self._smtp.sock if self._smtp is not None else None
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _connected(self) -> smtplib.SMTP:
        settings = self._settings
        if settings.mail_tls == "tls":
            return smtplib.SMTP_SSL(
                settings.mail_host, settings.mail_port, timeout=settings.mail_seconds, context=self._context()
            )
        return smtplib.SMTP(settings.mail_host, settings.mail_port, timeout=settings.mail_seconds)

    def _context(self) -> ssl.SSLContext:
        authority = self._settings.mail_authority_file
        return ssl.create_default_context(cafile=None if authority is None else str(authority))


def _settle(done: asyncio.Future[str | None], answer: str | None) -> None:
    if not done.done():
        done.set_result(answer)


def _why(error: Exception) -> str:
    """In a few words, without what the server says: it may repeat our password."""
    match error:
        case ssl.SSLError():
            return f"the mail server's certificate or TLS is not accepted ({error.reason or type(error).__name__})"
        case smtplib.SMTPAuthenticationError():
            return f"the mail server does not accept our user and password ({error.smtp_code})"
        case smtplib.SMTPResponseException():
            return f"the mail server refused with {error.smtp_code}"
        case smtplib.SMTPRecipientsRefused():
            return "the mail server refused all recipients"
        case smtplib.SMTPException():
            return f"the mail server ended it ({type(error).__name__})"
        case _:
            return f"the mail server is not reached ({type(error).__name__})"


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


class Command:
    """A program of the operator's, started without a shell; JSON on its standard input, 0 means that it was told."""

    name = "command"

    def __init__(self, settings: AlarmSection, environment: Mapping[str, str]) -> None:
        self._argv: Sequence[str] = settings.command
        self._seconds = settings.command_seconds
        self._environment = {name: value for name, value in environment.items() if name in _NAMED}

    async def send(self, message: Message) -> str | None:
        """Run it to its end, or end it with all that it has started when its time is over."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env=self._environment,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            return f"the command can't be started ({getattr(error, 'strerror', None) or type(error).__name__})"
        try:
            async with asyncio.timeout(self._seconds):
                await _feed(process, document(message))
                status = await process.wait()
        except TimeoutError:
            return f"the command was not done within {self._seconds:g} s"
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        return f"the command ended with status {status}" if status else None


async def _feed(process: asyncio.subprocess.Process, content: bytes) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(content)
        await process.stdin.drain()
    process.stdin.close()
