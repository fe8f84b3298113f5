"""Puts the sandbox bank together: keys, books, the partner's door, the SFTP drop and the control door."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import os
import secrets
import signal
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from cryptography import x509

from lab.sandbox_bank.api import BASE, PartnerApi
from lab.sandbox_bank.books import Account, Books, Statement
from lab.sandbox_bank.callbacks import Callbacks
from lab.sandbox_bank.clock import BankClock
from lab.sandbox_bank.control import ControlDoor
from lab.sandbox_bank.faults import Fault, FaultBoard
from lab.sandbox_bank.settings import BankDescription, BankSettings
from lab.sandbox_bank.sftp import SftpDrop
from lab.sandbox_bank.statements import csv_file, mt940_file, publish
from lab.sandbox_bank.teller import Teller
from lab.sandbox_bank.tls import BankTls
from lab.sandbox_bank.uploads import Uploads
from server import pki

SFTP_USER: Final = "sheaf"
_SETTLE_SECONDS: Final = 0.25
_STOP_SECONDS: Final = 5.0
_IDLE_SECONDS: Final = 75.0


class RunningBank:
    """A bank that answers. `description` says where; `faults` and `books` are for those in the same process."""

    def __init__(self, settings: BankSettings) -> None:
        data, now = settings.data_dir, datetime.now(tz=UTC)
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.settings, self.faults = settings, FaultBoard()
        self.books = Books(data / "books.sqlite", settings.company_account, settings.opening_balance)
        self.clock = BankClock(self.books.fact("clock_offset"))
        self.authority = pki.open_authority(data / "pki", "bank-authority", now)
        self._server, expired = _server_identities(self.authority, settings, now)
        self._client = _client_identity(self.authority, settings, now)
        self.tls = BankTls(str(self.authority.certificate_file), self._server, expired, self.faults)
        self.faults.changed = self._faults_changed
        self._keys = _remembered(data / "api-key"), _remembered(data / "api-secret")
        self._control_secret = _remembered(data / "control-secret")
        self.callbacks = Callbacks(settings.callback_url, settings.callback_interval_seconds, self.faults)
        teller = Teller(settings, self.books, self.faults, self.clock, self._keys)
        self.uploads = Uploads(settings, self.books, teller, self.faults, self.clock, data / "sftp")
        self.api = PartnerApi(settings, self._keys[0], teller, self.books, self.faults, self.callbacks, self.clock)
        self._runners: list[web.AppRunner] = []
        self.description: BankDescription

    @property
    def base_url(self) -> str:
        """Where the partner's API begins."""
        return self.description.base_url

    @property
    def control_url(self) -> str:
        """Where the control API begins."""
        return self.description.control_url

    async def start(self) -> None:
        """Open every door and publish `bank.json`."""
        settings, data = self.settings, self.settings.data_dir
        if settings.accounts_file is not None:
            self.books.put_accounts(read_accounts(settings.accounts_file))
        api_port = await self._listen(self.api.application(), settings.api_port, self.tls.context)
        control = ControlDoor(self, self._control_secret)
        control_port = await self._listen(control.application(), settings.control_port, None)
        host_line = pki.open_ssh_key(data / "sftp-host.key")
        client_line = pki.open_ssh_key(data / "sftp-client.key")
        self._republish()
        files = data / "sftp"
        self._sftp = SftpDrop(
            settings.host, settings.sftp_port, files, data / "sftp-host.key", SFTP_USER, client_line, self.faults
        )
        self._settling = asyncio.create_task(self._settle_forever())
        self.description = self._describe(api_port, control_port, host_line)
        pki.write_secret(data / "bank.json", msgspec.json.format(msgspec.json.encode(self.description)))

    async def stop(self) -> None:
        """Finish the calls under way, end held ones, close every door."""
        self.api.stopping.set()
        self._settling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._settling
        for runner in self._runners:
            await runner.cleanup()
        await self.callbacks.close()
        await asyncio.to_thread(self._sftp.close)
        self.books.close()

    def cut_statement(self) -> Statement:
        """Close a statement now and put its files into the drop."""
        self.api.settle()
        if extra := self.faults.strike(Fault.STATEMENT_EXTRA_LINE, "statement"):
            self.books.add_extra_debit(extra.difference or 999_00, self.clock.now())
        statement = self.books.cut_statement(self.clock.now())
        truncated = self.faults.strike(Fault.STATEMENT_TRUNCATED, "statement")
        wrong = self.faults.strike(Fault.STATEMENT_WRONG_TOTAL, "statement")
        shown = msgspec.structs.replace(statement, closing=statement.closing + 1) if wrong else statement
        for name, content in self._files(shown):
            publish(self._drop(), name, content[: len(content) * 2 // 3] if truncated else content)
        return statement

    def move_clock(self, offset_seconds: int) -> None:
        """Set the clock's offset from real time; returns that are due by then are booked."""
        self.clock.offset_seconds = offset_seconds
        self.books.remember_clock_offset(offset_seconds)
        self.api.settle()

    def drop_connections(self) -> None:
        """Close every connection of the partner, so that the next call shakes hands anew."""
        for connection in self.connections():
            connection.force_close()

    def connections(self) -> list[RequestHandler]:
        """The partner's open connections."""
        server = self._runners[0].server if self._runners else None
        return server.connections if server else []

    def _faults_changed(self) -> None:
        self.tls.show_certificate()
        if self.faults.is_on(Fault.SERVER_CERTIFICATE_EXPIRED) or self.faults.is_on(Fault.CLIENT_CERTIFICATE_EXPIRED):
            self.drop_connections()

    def _drop(self) -> Path:
        return self.settings.data_dir / "sftp" / "outbox" / "statement"

    def _files(self, statement: Statement) -> tuple[tuple[str, bytes], ...]:
        account, lines = self.settings.company_account, self.books.lines(statement.number)
        mt940 = mt940_file(account, statement, lines, self.settings.return_mark)
        return (f"{statement.stem}.csv", csv_file(account, statement, lines)), (f"{statement.stem}.mt940", mt940)

    def _republish(self) -> None:
        """Write the files of statements that were cut just before the bank was killed."""
        self._drop().mkdir(parents=True, exist_ok=True)
        for statement in self.books.statements():
            for name, content in self._files(statement):
                if not (self._drop() / f"{name}.sha256").exists():
                    publish(self._drop(), name, content)

    async def _listen(self, app: web.Application, port: int, context: ssl.SSLContext | None) -> int:
        runner = web.AppRunner(app, access_log=None, keepalive_timeout=_IDLE_SECONDS, shutdown_timeout=_STOP_SECONDS)
        await runner.setup()
        self._runners.append(runner)
        listener = socket.create_server((self.settings.host, port))
        await web.SockSite(runner, listener, ssl_context=context).start()
        chosen: int = listener.getsockname()[1]
        return chosen

    async def _settle_forever(self) -> None:
        while True:
            await asyncio.sleep(_SETTLE_SECONDS)
            self.api.settle()
            self.uploads.step()

    def _describe(self, api_port: int, control_port: int, host_line: str) -> BankDescription:
        settings, data = self.settings, self.settings.data_dir
        leaf = x509.load_pem_x509_certificate(self._server.certificate.read_bytes())
        return BankDescription(
            base_url=f"https://{settings.host}:{api_port}{BASE}",
            api_key=self._keys[0],
            api_secret=self._keys[1],
            corporate_id=settings.corporate_id,
            company_account=settings.company_account,
            payer_tax_id=settings.payer_tax_id,
            authority_file=str(self.authority.certificate_file),
            client_certificate=str(self._client.certificate),
            client_key=str(self._client.key),
            spki_pins=(pki.spki_pin(leaf),),
            control_url=f"http://{settings.host}:{control_port}/control",
            control_secret=self._control_secret,
            sftp_host=settings.host,
            sftp_port=self._sftp.port,
            sftp_user=SFTP_USER,
            sftp_client_key=str(data / "sftp-client.key"),
            sftp_host_key=host_line,
            process_id=os.getpid(),
        )


async def serve(settings: BankSettings) -> RunningBank:
    """Start a bank in this event loop; the caller stops it."""
    bank = RunningBank(settings)
    await bank.start()
    return bank


def run(settings: BankSettings) -> None:
    """Run a bank as a process of its own until SIGTERM or Ctrl-C; `bank.json` appears when it is ready."""
    (settings.data_dir / "bank.json").unlink(missing_ok=True)
    asyncio.run(_run(settings))


async def _run(settings: BankSettings) -> None:
    bank = await serve(settings)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows' loops know no signals: there Ctrl-C raises instead
            loop.add_signal_handler(number, stopping.set)
    await stopping.wait()
    await bank.stop()


def read_accounts(file: Path) -> list[Account]:
    """Read accounts from a JSON array, from one JSON object a line, or from a register of members (CSV)."""
    raw = file.read_bytes().strip()
    if file.suffix.lower() == ".csv":
        rows = csv.DictReader(raw.decode("utf-8-sig").splitlines())
        return [Account(row["bank"], row["account_number"], row["account_name"]) for row in rows if row["bank"]]
    if raw.startswith(b"["):
        return msgspec.json.decode(raw, type=list[Account])
    return msgspec.json.Decoder(Account).decode_lines(raw)


def _server_identities(
    authority: pki.Authority, settings: BankSettings, now: datetime
) -> tuple[pki.Identity, pki.Identity]:
    hosts, folder = tuple(dict.fromkeys((settings.host, "127.0.0.1", "localhost"))), settings.data_dir / "pki"
    kept = pki.Identity(folder / "bank.pem", folder / "bank.key")
    good = kept if kept.certificate.exists() else pki.issue_server(authority, folder, "bank", hosts, now)
    return good, pki.issue_expired_server(authority, folder, "bank-expired", hosts, now)


def _client_identity(authority: pki.Authority, settings: BankSettings, now: datetime) -> pki.Identity:
    folder, name = settings.data_dir / "pki", settings.corporate_id
    kept = pki.Identity(folder / f"{name}.pem", folder / f"{name}.key")
    return kept if kept.certificate.exists() else pki.issue_client(authority, folder, name, now)


def _remembered(file: Path) -> str:
    """A secret that stays the same when the bank is started again in its directory."""
    if not file.exists():
        pki.write_secret(file, secrets.token_hex(24).encode("ascii"))
    return file.read_text(encoding="ascii")
