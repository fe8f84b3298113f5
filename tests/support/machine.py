"""A machine of a test's own: systemd booted in a container, with nothing but its own loopback for a network."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.meta.sources import ROOT
from tests.waiting import wait_until

PROGRAM = "/opt/sheaf"
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SPACES = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup")
# What Debian's packages have put into /etc of the machine that the tests run on.
_FROM_ETC = (
    "alternatives ca-certificates ca-certificates.conf dbus-1 debian_version default ld.so.cache ld.so.conf "
    "ld.so.conf.d login.defs logrotate.conf nginx nsswitch.conf pam.d postgresql-common security ssl sysctl.d systemd"
)
_VAR = ("var/log/nginx", "var/lib/nginx", "var/lib/logrotate", "var/lib/postgresql", "var/log/postgresql")
_WANTED = {
    "systemd-nspawn": "systemd-container",
    "nsenter": "util-linux",
    "nginx": "nginx",
    "pg_createcluster": "postgresql-15",
    "logrotate": "logrotate",
    "openssl": "openssl",
}


def why_not() -> str:
    """Why no machine can be booted here, with what to do about it; empty when one can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "only root on Linux can boot a container"
    absent = [package for program, package in _WANTED.items() if not shutil.which(program)]
    if absent:
        return f"missing here; as root: apt-get install {' '.join(absent)}"
    if sys.prefix == sys.base_prefix or not Path(sys.prefix).is_relative_to(ROOT):
        return f"the tests must run from the checkout's own .venv, and this is {sys.prefix}"
    return ""


@dataclass
class Machine:
    """One container, from `boot` to `destroy`. Its disk is a folder, which the test may look at from outside."""

    root: Path
    binds: Sequence[str] = ()
    spawned: subprocess.Popen[bytes] | None = None
    leader: int = 0
    abroad: Mapping[str, str] = field(default_factory=dict)
    """Variables for what is fetched over the network of the machine that the tests run on."""
    _name: str = field(default_factory=lambda: f"sheaf-{uuid.uuid4().hex[:12]}")

    @property
    def console(self) -> Path:
        """What the machine said while it booted."""
        return self.root.with_name(self.root.name + ".console")

    def boot(self) -> None:
        """Start systemd and wait until it has come up; skips the test, saying why, where no container runs at all."""
        command = ["systemd-nspawn", f"--directory={self.root}", f"--machine={self._name}", "--quiet"]
        command += ["--private-network", "--register=no", "--keep-unit", "--console=read-only", *self.binds, "--boot"]
        # Of the old control groups a container is not told when a service's last process has ended.
        environment = {**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
        with self.console.open("wb") as console:
            self.spawned = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=console, stderr=console, env=environment
            )
        wait_until(self._is_up, 60)
        if self.spawned.poll() is not None:
            said = self.console.read_text("utf-8", "replace").strip().splitlines()
            pytest.skip(f"no container runs here: {' / '.join(said[-3:])}")

    def _is_up(self) -> bool:
        assert self.spawned is not None
        if self.spawned.poll() is not None:
            return True
        children = Path(f"/proc/{self.spawned.pid}/task/{self.spawned.pid}/children").read_text().split()
        if not children:
            return False
        self.leader = int(children[0])
        return self.ask("systemctl is-system-running").stdout.strip() in ("running", "degraded")

    def start(self, command: str) -> subprocess.Popen[str]:
        """A line of shell inside that goes on, as root; the end of its standard input tells it to stop."""
        pipe = subprocess.PIPE
        return subprocess.Popen(self._inside(command), stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True)

    def _inside(self, command: str, **variables: str) -> list[str]:
        words = ["nsenter", f"--target={self.leader}", *_SPACES, "--"]
        own = ["env", "-i", _PATH, "HOME=/root", "LANG=C.UTF-8", "COLUMNS=250"]
        return [*words, *own, *(f"{key}={value}" for key, value in variables.items()), "bash", "-c", f"cd; {command}"]

    def ask(self, command: str, *, given: str = "", seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """A line of shell inside, as root; what it said and how it ended."""
        words = self._inside(command)
        return subprocess.run(words, input=given, capture_output=True, text=True, timeout=seconds, check=False)

    def fetch(self, command: str, *, seconds: float = 1800) -> str:
        """A line of shell inside that must succeed, but with the network of outside: the machine has none itself."""
        words = [word for word in self._inside(command, **self.abroad) if word != "--net"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=seconds, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def run(self, command: str, *, given: str = "", seconds: float = 120) -> str:
        """A line of shell inside that must succeed; what it said."""
        done = self.ask(command, given=given, seconds=seconds)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}\n{self.news()}"
        return done.stdout

    def news(self) -> str:
        """The last that the journal says, for who must understand a failure."""
        return self.ask("journalctl --no-pager -n 40 -o cat -p info").stdout[-6000:]

    def show(self, unit: str, what: str) -> str:
        """One property of a unit."""
        return self.ask(f"systemctl show --property={what} --value {unit}").stdout.strip()

    def lose_power(self) -> None:
        """Nothing is ended in order; the disk is as it was in that moment, and `boot` starts from it."""
        if self.spawned is not None:
            self.spawned.send_signal(signal.SIGKILL)
            self.spawned.wait()
        if self.leader and Path(f"/proc/{self.leader}").exists():
            os.kill(self.leader, signal.SIGKILL)  # the first process of its space: the kernel ends the others
            wait_until(lambda: not Path(f"/proc/{self.leader}").exists(), 30)
        self.leader = 0

    def destroy(self) -> None:
        """The machine is lost, and its disk with it."""
        self.lose_power()
        shutil.rmtree(self.root, ignore_errors=True)
        self.console.unlink(missing_ok=True)


@contextmanager
def machine(*binds: str) -> Iterator[Machine]:
    """A booted machine that shares this one's programs (/usr) and nothing else; Sheaf is in /opt/sheaf."""
    if cause := why_not():
        pytest.skip(cause)
    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK | os.X_OK) else Path("/var/tmp")
    folder = Path(mkdtemp(prefix="sheaf-machine-", dir=place))
    root = folder / "root"
    _lay_out(root)
    made = Machine(root, binds=("--bind-ro=/usr", "--tmpfs=/usr/local:mode=755", *_program(folder), *binds))
    try:
        made.boot()
        # A Python that was built with its library beside it would take Debian's.
        made.run("mkdir -p /etc/ld.so.conf.d && echo /opt/python/lib > /etc/ld.so.conf.d/00-python.conf && ldconfig")
        made.run("systemctl enable --quiet nginx postgresql")  # as their packages do
        yield made
    finally:
        made.destroy()
        shutil.rmtree(folder, ignore_errors=True)


def _lay_out(root: Path) -> None:
    """The folders of a Debian whose programs come from elsewhere."""
    for name in ("usr", "tmp", "root", "opt", "etc/systemd", "etc/logrotate.d", *_VAR):
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in ("bin", "lib", "lib64", "sbin"):
        (root / name).symlink_to(f"usr/{name}")
    for name in _FROM_ETC.split():
        if Path("/etc", name).exists():
            subprocess.run(["cp", "-a", f"/etc/{name}", root / "etc"], check=True)
    shutil.rmtree(root / "etc/systemd/system", ignore_errors=True)  # what is enabled on this machine is not its
    (root / "etc/os-release").write_text(Path("/etc/os-release").read_text())
    (root / "etc/hostname").write_text("sheaf\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost sheaf\n")
    (root / "etc/machine-id").write_text(uuid.uuid4().hex + "\n")
    for name in ("passwd", "group"):
        plain = Path(f"/usr/share/base-passwd/{name}.master").read_text().replace(":*:", ":x:")
        (root / "etc" / name).write_text(plain + _accounts(name))
    for folder in ("var/lib/postgresql", "var/log/postgresql"):
        shutil.chown(root / folder, "postgres", "postgres")


def _accounts(name: str) -> str:
    """Accounts that packages have made on this machine, with their numbers here: files in /usr and /etc are theirs."""
    wanted = {"passwd": ("postgres", "messagebus"), "group": ("postgres", "messagebus", "ssl-cert")}[name]
    return "".join(
        line + "\n" for line in Path("/etc", name).read_text().splitlines() if line.partition(":")[0] in wanted
    )


def _program(folder: Path) -> list[str]:
    """This checkout as /opt/sheaf: the same files, with an environment that knows itself there."""
    base = Path(sys.base_prefix).resolve()
    inside = base if base == Path("/usr") else Path("/opt/python")
    environment, old = folder / "environment", Path(sys.prefix)
    for name in ("bin", "lib"):
        (environment / name).mkdir(parents=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (environment / "bin/python").symlink_to(inside / "bin" / version)
    (environment / "pyvenv.cfg").write_text(f"home = {inside / 'bin'}\ninclude-system-site-packages = false\n")
    command = environment / "bin/sheaf"
    told = "import sys\nfrom server.cli import main\nif __name__ == '__main__':\n    sys.exit(main())\n"
    command.write_text(f"#!{PROGRAM}/.venv/bin/python\n{told}")
    command.chmod(0o755)
    packages = Path(sysconfig.get_paths()["purelib"])
    [pointer] = [each for each in packages.glob("*sheaf*.pth") if str(ROOT) in each.read_text()]
    (folder / "pointer").write_text(PROGRAM + "\n")
    return [
        f"--bind-ro={ROOT}:{PROGRAM}",
        f"--bind-ro={environment}:{PROGRAM}/.venv",
        f"--bind-ro={old / 'lib'}:{PROGRAM}/.venv/lib",
        f"--bind-ro={folder / 'pointer'}:{PROGRAM}/.venv/{pointer.relative_to(old)}",
        *([] if inside == base else [f"--bind-ro={base}:{inside}"]),
    ]
