"""README typed on an empty machine: a farmer is paid through nginx, the machine is lost, another one goes on."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from lab.sandbox_bank.settings import read_description
from tests.bank_changes.cases import png
from tests.support.bare import bare_machine, debian
from tests.support.installed import (
    AtTheMachine,
    after_the_processes,
    before_the_processes,
    install,
    make_database,
    start_all,
)
from tests.support.machine import Machine, machine
from tests.support.page import BACKGROUND, MACHINE, blocks, lines
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(1800)
NEXT = "code,name,national_id,phone,bank,account_number,account_name\n"
NEXT += "NSN-00002,นางสาวบุญมี ศรีสุข,1101700230708,0811007923,014,0210072423,นางสาวบุญมี ศรีสุข\n"


NewMachine = Callable[..., AbstractContextManager[Machine]]


@dataclass
class Elsewhere:
    """What is not lost with the machine: the bank, the disk of the backups, the safe, the desks. And a clock."""

    folder: Path
    began: float = field(default_factory=time.monotonic)
    told: list[str] = field(default_factory=list)

    def tell(self, text: str) -> None:
        self.told.append(f"{time.monotonic() - self.began:6.0f} s  {text}")

    def reopen_bank(self, typing: AtTheMachine) -> None:
        """The sandbox bank lived on the machine that is lost; SCB's books and address would not have noticed."""
        known = read_description(self.folder / "bank")
        (self.folder / "bank/bank.json").unlink()
        ports = f"--api-port {urlsplit(known.base_url).port} --control-port {urlsplit(known.control_url).port}"
        typing.type(f"sheaf bank --data bank {ports} --sftp-port {known.sftp_port}", BACKGROUND)

    @property
    def binds(self) -> tuple[str, ...]:
        places = {"bank": "/srv/bank", "backups": "/var/backups/sheaf", "safe": "/srv/safe"}
        for name in places:
            (self.folder / name).mkdir(exist_ok=True)
        return tuple(f"--bind={self.folder / name}:{inside}" for name, inside in places.items())


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    made = Elsewhere(Path(mkdtemp(prefix="sheaf-elsewhere-", dir="/var/tmp")))
    yield made
    shutil.rmtree(made.folder)


@pytest.fixture(params=["shared", "bare"])
def machines(request: pytest.FixtureRequest, elsewhere: Elsewhere) -> NewMachine:
    """How a machine is had: it shares this one's programs, or it has nothing and fetches what README says."""
    if request.param == "shared":
        return lambda *binds: machine(*binds)
    tree = debian(elsewhere.folder)
    return lambda *binds: bare_machine(tree, *binds)


def installed(made: Machine) -> AtTheMachine:
    """A machine after README's first blocks, with an empty database."""
    provided = made.ask("test -d /opt/sheaf").returncode == 0
    if provided:
        made.run("pg_createcluster 15 main --start")  # as Debian's package does when it is installed
    typing = AtTheMachine(made)
    typing.known |= {"KEPT": "/srv/safe"}
    install(typing, provided=provided)
    made.run("chown -R sheaf: /srv/bank /var/backups/sheaf && ln -sfn /srv/bank /var/lib/sheaf/bank")
    make_database(made)
    return typing


def block_with(words: str) -> list[tuple[str, str]]:
    [found] = [block for block in blocks("sh", MACHINE) if words in block]
    return lines(found)


def type_all(typing: AtTheMachine, typed: list[tuple[str, str]]) -> None:
    for command, comment in typed:
        typing.type(command, comment)


def pay(typing: AtTheMachine, code: str, ticket: str, amount: str) -> None:
    """README's own lines of a payment, for another member, ticket and amount."""
    typed = after_the_processes()
    first = next(number for number, (command, _) in enumerate(typed) if "list_members" in command)
    last = next(number for number, (command, _) in enumerate(typed) if "get_treasury" in command)
    for command, comment in typed[first:last]:
        changed = command.replace("NSN-00001", code).replace("W-1", ticket).replace("48250.00", amount)
        typing.type(changed, comment)


def treasury(typing: AtTheMachine) -> Any:
    return msgspec.json.decode(typing.say("sheaf call get_treasury --desk hq --as treasurer").encode())


def test_readme_alone_pays_loses_the_machine_and_goes_on(elsewhere: Elsewhere, machines: NewMachine) -> None:
    elsewhere.began = time.monotonic()
    with ExitStack() as stack:
        lost = stack.enter_context(machines(*elsewhere.binds))
        first = installed(lost)
        elsewhere.tell("installed")
        (first.folder / "members.csv").write_text(blocks("csv")[0] + NEXT.splitlines()[1] + "\n", "utf-8")
        (first.folder / "balance.pdf").write_bytes(png("what the bank says of the account"))
        type_all(first, before_the_processes())
        start_all(first)
        elsewhere.tell("everything runs")
        type_all(first, after_the_processes())
        elsewhere.tell("a farmer is paid and reconciled, through nginx; a backup is taken and proved")
        type_all(first, block_with("cp -a keys.json"))
        pay(first, "NSN-00001", "W-2", "1234.00")
        elsewhere.tell("one more is paid, which no backup knows")
        for desk in ("hq", "nsn"):
            shutil.copytree(first.folder / desk, elsewhere.folder / desk)
        lost.destroy()
        elsewhere.tell("the machine is lost")
        other = stack.enter_context(machines(*elsewhere.binds))
        second = installed(other)
        second.secrets |= first.secrets
        for desk in ("hq", "nsn"):
            shutil.copytree(elsewhere.folder / desk, second.folder / desk)
        elsewhere.tell("another one is installed")
        go_on(second, elsewhere)
    sys.stderr.write("\n".join(["", *elsewhere.told, ""]))


def go_on(typing: AtTheMachine, elsewhere: Elsewhere) -> None:
    """From the backup to the next farmer."""
    typed = block_with("sheaf backup restore")
    type_all(typing, typed[:2])
    elsewhere.reopen_bank(typing)
    type_all(typing, typed[2:])
    elsewhere.tell("the backup is restored, everything runs")
    wait_until(lambda: typing.machine.ask("curl -sf http://127.0.0.1:8350/readyz").returncode == 0, 120)
    assert typing.machine.ask("sheaf restore status").returncode == 1
    fetch, compare, *agree = block_with("sheaf restore compare")
    typing.type(*fetch)
    wait_until(lambda: "1234.00" in typing.look(compare[0]), 120)
    type_all(typing, [compare, *agree])
    elsewhere.tell("what the backup did not know is compared, two people agreed")
    pay(typing, "NSN-00002", "W-3", "4321.00")
    elsewhere.tell("the next farmer is paid and reconciled")
    books = treasury(typing)
    assert books["bank_balance"] == "946195.00"  # each of the three was paid once
    assert books["difference"] == "-1234.00"
