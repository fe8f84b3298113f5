"""README's section "On a machine of its own", typed on one: from nothing to Sheaf behind nginx."""

from __future__ import annotations

import shlex
from contextlib import ExitStack

from tests.support.bare import SOURCE
from tests.support.machine import Machine
from tests.support.page import MACHINE, PASSWORD, Operator, blocks, lines
from tests.waiting import wait_until

NAME = "pay.example.org"
HTTPS = f"https://{NAME}"
HOME = "/var/lib/sheaf"
PROVIDED = ("apt-get ", "git clone ", "python3 ")
"""How the lines begin that fetch something."""


class AtTheMachine(Operator):
    """Root at the machine's shell, who types README's lines there."""

    def __init__(self, machine: Machine, url: str = f"postgresql://sheaf_admin:{PASSWORD}@127.0.0.1/sheaf") -> None:
        super().__init__(machine.root / HOME.strip("/"), url, "", ExitStack(), patience=120)
        self.machine = machine

    def type(self, command: str, comment: str) -> None:
        super().type(command.replace("http://127.0.0.1:8350", HTTPS), comment)

    def say(self, command: str) -> str:
        words = shlex.split(command) if command.startswith("sheaf ") else ["", ""]
        return self.machine.run(f"cd {HOME} 2>/dev/null; {command}", given=self.answers(words[1:]), seconds=600)

    def look(self, command: str) -> str:
        words = shlex.split(command)
        return self.machine.ask(f"cd {HOME}; {command}", given=self.answers(words[1:])).stdout

    def start(self, command: str) -> None:
        words = shlex.split(command)
        unit = f"--unit=typed-{words[1]}"
        self.machine.run(f"systemd-run --quiet {unit} --working-directory={HOME} /usr/local/bin/{shlex.join(words)}")
        wait_until(lambda: self.machine.ask(f"test -e {HOME}/bank/bank.json").returncode == 0, 60)


def install(operator: AtTheMachine, *, provided: bool = True) -> None:
    """The first two blocks: program, account, units, nginx's site and its certificate.

    `provided`: the machine shares this one's programs and this checkout, so that nothing is fetched.
    """
    program, certificate, _ = blocks("sh", MACHINE)[:3]
    operator.machine.run(f"echo 127.0.0.1 {NAME} >> /etc/hosts")
    for command, comment in lines(program, certificate):
        if not command.startswith(PROVIDED):
            operator.type(command, comment)
        elif not provided:
            operator.machine.fetch(command.replace("URL", SOURCE))


def make_database(machine: Machine) -> None:
    """The page's SQL, as PostgreSQL's superuser."""
    statements = blocks("sql")[0].replace("...", PASSWORD)
    machine.run("runuser -u postgres -- psql --quiet --set=ON_ERROR_STOP=1", given=statements)


def before_the_processes() -> list[tuple[str, str]]:
    """README's commands from the installation to the bank's settings."""
    typed = blocks("sh")
    return lines(*typed[: _processes(typed)])


def after_the_processes() -> list[tuple[str, str]]:
    """README's commands from the people on."""
    typed = blocks("sh")
    return lines(*typed[_processes(typed) + 1 :])


def start_all(operator: AtTheMachine) -> None:
    """What the section types in place of the terminals."""
    for command, comment in lines(blocks("sh", MACHINE)[2]):
        operator.type(command, comment)


def _processes(typed: list[str]) -> int:
    [at] = [number for number, block in enumerate(typed) if "sheaf serve" in block]
    return at
