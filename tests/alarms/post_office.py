"""A real mail server of this machine: TLS and sign-in as asked for, what it took, and how it may misbehave."""

from __future__ import annotations

import asyncio
import email
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, Literal, cast

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from server.alarm_settings import AlarmSection

USER, PASSWORD = "sheaf", "kept-for-the-mail-server"


class PostOffice:
    """`letters` are those that were taken; `refuses` is answered to the next recipients."""

    def __init__(self, tls: Literal["starttls", "tls", "none"], authority: Path, certificate: ssl.SSLContext) -> None:
        self.letters: list[EmailMessage] = []
        self.signed_in: list[bool] = []
        self.refuses = ""
        self.port = 0
        self._tls, self._authority, self._certificate = tls, authority, certificate

    def answer(self) -> SMTP:
        """Speak to one caller."""
        return SMTP(
            self,
            hostname="localhost",
            authenticator=self._authenticate,
            auth_required=self._tls == "starttls",
            auth_require_tls=self._tls == "starttls",
            require_starttls=self._tls == "starttls",
            tls_context=self._certificate if self._tls == "starttls" else None,
        )

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, or don't."""
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a letter."""
        content = envelope.content
        assert isinstance(content, bytes)
        self.letters.append(cast(EmailMessage, email.message_from_bytes(content, policy=default)))
        self.signed_in.append(bool(session.authenticated))
        return "250 taken"

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=good)

    def section(self, **changes: Any) -> AlarmSection:
        """The settings that reach it."""
        fitting: dict[str, Any] = {
            "installation": "Ban Mai",
            "mail_host": "localhost",
            "mail_port": self.port,
            "mail_tls": self._tls,
            "mail_authority_file": None if self._tls == "none" else self._authority,
            "mail_user": "" if self._tls == "none" else USER,
            "mail_password": "" if self._tls == "none" else PASSWORD,
            "mail_from": "Sheaf <sheaf@coop.example>",
            "mail_to": ("duty@coop.example", "head@coop.example"),
            "mail_seconds": 5.0,
        }
        return AlarmSection(**{**fitting, **changes})


@asynccontextmanager
async def post_office(
    folder: Path, tls: Literal["starttls", "tls", "none"] = "starttls", port: int = 0
) -> AsyncIterator[PostOffice]:
    """It is open inside."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "mail-ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    office = PostOffice(tls, folder / "mail-ca.pem", context)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(office.answer, "127.0.0.1", port, ssl=context if tls == "tls" else None)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
