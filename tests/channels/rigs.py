"""What the conformance suite needs: each channel on its real wire, its bank's books, and peers that lie."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import msgspec

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server.channels import open_channel
from server.channels.base import (
    Accepted,
    Channel,
    Confirmation,
    Initiated,
    InitiateLost,
    PaymentOrder,
    Pending,
    Rejected,
    Standing,
    StillOpen,
)
from server.channels.scb_line import Timeouts
from tests.lab.sandbox_bank.fixtures import now, running_bank, scb_settings
from tests.waiting import until

Peer = Literal["garbage", "huge", "slow", "silent", "absent"]

ALL = ("scb-fcd", "scb-v2", "scb_file", "internal")
WIRE = ("scb-fcd", "scb-v2", "scb_file")
_HASTE = Timeouts(connect=1, token=1, initiate=1, confirm=1, inquire=1, verify=1, probe=1)
_HUGE = b"x" * 65_536


class Rig(msgspec.Struct, frozen=True):
    """One kind of channel and the bank that it speaks to."""

    kind: str
    bank: RunningBank

    def open(self, **changes: Any) -> Channel:
        """A channel as a process of its own would open it; `changes` are of its settings."""
        if self.kind == "internal":
            return open_channel("internal")
        if self.kind == "scb_file":
            return open_channel("scb_file", {**self.file_settings(), **changes})
        dialect = self.kind.removeprefix("scb-")
        return open_channel("scb", scb_settings(self.bank.description, dialect=dialect, timeouts=_HASTE, **changes))

    def moved(self) -> dict[str, int]:
        """How often each order's money has moved in the bank's books."""
        counts: dict[str, int] = {}
        for line in self.bank.books.lines(None):
            counts[line.reference] = counts.get(line.reference, 0) + 1
        return counts

    def lose_the_next_answer(self) -> None:
        """The next confirm is executed, and its answer never arrives."""
        fault = Fault.UPLOAD_ANSWER_LOST if self.kind == "scb_file" else Fault.LOST_ANSWER
        self.bank.faults.set(FaultRule(fault=fault, times=1))

    def towards(self, port: int) -> Channel:
        """A channel that takes whoever listens there for its bank."""
        if self.kind == "scb_file":
            return self.open(port=port, timeout_seconds=1.0)
        return self.open(base_url=f"https://127.0.0.1:{port}/partners/sandbox")

    @asynccontextmanager
    async def peer(self, manner: Peer) -> AsyncIterator[Channel]:
        """A channel whose bank is a liar; TLS is the bank's own, so that the lie is believed that far."""

        told: list[asyncio.StreamWriter] = []

        async def lie(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            told.append(writer)
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                if manner == "garbage":
                    writer.write(bytes(range(256)) * 16)
                elif manner == "huge":
                    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000000\r\n\r\n"
                    writer.write(b"" if self.kind == "scb_file" else head)
                    for _ in range(1500):
                        writer.write(_HUGE)
                        await writer.drain()
                elif manner == "slow":
                    await reader.read()
                writer.close()

        context = None
        if self.kind != "scb_file":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            folder = self.bank.settings.data_dir / "pki"
            context.load_cert_chain(folder / "bank.pem", folder / "bank.key")
        server = await asyncio.start_server(lie, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        if manner == "absent":
            server.close()
            await server.wait_closed()
        channel = self.towards(port)
        try:
            yield channel
        finally:
            await channel.close()
            server.close()
            await _hang_up(told)

    def file_settings(self) -> dict[str, Any]:
        """The file channel's section, in haste."""
        bank = self.bank.description
        return {
            "host": bank.sftp_host,
            "port": bank.sftp_port,
            "username": bank.sftp_user,
            "private_key": Path(bank.sftp_client_key),
            "host_keys": (bank.sftp_host_key,),
            "payer_account": bank.company_account,
            "gather_seconds": 0.05,
            "confirm_seconds": 0.3,
        }


async def _hang_up(writers: Sequence[asyncio.StreamWriter]) -> None:
    """TLS takes its time to say goodbye, and the end of the loop would cut it off."""
    for writer in writers:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@asynccontextmanager
async def rig_of(kind: str, folder: Path) -> AsyncIterator[Rig]:
    """The rig of a kind, with a fresh bank."""
    async with running_bank(folder) as bank:
        yield Rig(kind, bank)


async def announced(channel: Channel, order: PaymentOrder) -> str:
    """The token of an order that must be taken."""
    answer = await channel.initiate(order, now())
    assert isinstance(answer, Initiated), answer
    return answer.token


async def ended(channel: Channel, order: PaymentOrder, token: str) -> Standing:
    """Ask until the bank says how it ended."""
    answer: Standing = await until(
        lambda: channel.inquire(order, token, now()), lambda said: not isinstance(said, Pending | StillOpen), 10
    )
    return answer


async def paid(channel: Channel, order: PaymentOrder) -> Accepted | Rejected | InitiateLost | Confirmation | Standing:
    """The whole way of one payment, to its end."""
    begun = await channel.initiate(order, now())
    if not isinstance(begun, Initiated):
        return begun
    answer = await channel.confirm(order, begun.token, now())
    return await ended(channel, order, begun.token) if isinstance(answer, Pending) else answer
