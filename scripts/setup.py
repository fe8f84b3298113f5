"""Install Sheaf into .venv from the hashed lock, with any Python 3.11 or newer and nothing but its standard library."""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
PIP = (PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")

# What Qt's offscreen and xcb plugins load from the system (from their ELF headers), and Debian's name for each.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}

# The keyboard tests type on a screen of their own: its server, a window manager, layouts.
KEYBOARD_PROGRAMS = {"Xvfb": "xvfb", "openbox": "openbox", "setxkbmap": "x11-xkb-utils"}

OLDEST_POSTGRES = Path("/usr/lib/postgresql/15/bin/initdb")

# The machine that the tests boot in a container: what its units run beside Sheaf.
MACHINE_PROGRAMS = {"systemd-nspawn": "systemd-container", "nginx": "nginx", "logrotate": "logrotate"}


def say(text: str) -> None:
    """Print one line of progress at once, also into a pipe."""
    print(text, flush=True)


def run(*command: str | Path, env: dict[str, str] | None = None, cwd: Path = ROOT) -> bool:
    """Run quietly; on failure show what the command said and return False."""
    done = subprocess.run(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        say(done.stdout.rstrip())
    return done.returncode == 0


def must(*command: str | Path) -> None:
    """Run quietly or end the set-up with what the command said."""
    if not run(*command):
        sys.exit(f"Set-up stopped: {' '.join(map(str, command))} failed (its output is above).")


def install_debian(packages: list[str], purpose: str) -> bool:
    """Install missing Debian packages when root may; otherwise say in one line what to run. True when installed."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sudo = "sudo apt-get install" if shutil.which("apt-get") else "install the equivalents of:"
        say(f"Missing for {purpose}; please run: {sudo} {' '.join(packages)}")
        return False
    say(f"Installing for {purpose}: {' '.join(packages)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ("apt-get", "install", "--yes", "--no-install-recommends", *packages)
    # A machine whose package lists are empty or stale needs an update first; a fresh one is spared the wait.
    return run("apt-get", "update", env=env) and run(*install, env=env)


def missing_qt_packages() -> list[str]:
    """Debian packages whose shared library the loader can't find."""

    def absent(soname: str) -> bool:
        try:
            ctypes.CDLL(soname)
        except OSError:
            return True
        return False

    return [package for soname, package in QT_LIBRARIES.items() if absent(soname)]


def install_oldest_postgres() -> None:
    """The oldest PostgreSQL that must work, for the test that installs Sheaf on it; that test is skipped without it."""
    if OLDEST_POSTGRES.exists() or not shutil.which("apt-get"):
        return
    # Its package would make a cluster and start it: the test makes its own.
    setting = Path("/etc/postgresql-common/createcluster.conf")
    if os.geteuid() == 0 and not setting.exists():
        setting.parent.mkdir(parents=True, exist_ok=True)
        setting.write_text("create_main_cluster = false\n")
    install_debian(["postgresql-15"], "the tests")


def install_machine() -> None:
    """What boots in a container of the tests; they are skipped without it, and only root may boot one at all."""
    missing = [package for program, package in MACHINE_PROGRAMS.items() if not shutil.which(program)]
    if not missing or sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    if Path("/run/systemd/system").exists():
        # nginx's package would start it with this machine, and nobody asked for that.
        say(f"Missing for tests that boot a machine; please run: apt-get install {' '.join(missing)}")
        return
    policy = Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists()
    if ours:
        policy.write_text("#!/bin/sh\nexit 101\n")  # install, but start nothing
        policy.chmod(0o755)
    try:
        install_debian(missing, "tests that boot a machine")
    finally:
        if ours:
            policy.unlink()


def fetch_prometheus() -> None:
    """Debian's Prometheus and its promtool, for the tests of alert rules, which are skipped without them.

    Only unpacked, as anybody may: its package would start a server of its own.
    """
    if (VENV / "debian" / "usr" / "bin" / "promtool").exists() or not shutil.which("apt-get"):
        return
    say("Fetching for the tests: prometheus")
    folder = VENV / "debian"
    folder.mkdir(exist_ok=True)
    fetched = run("apt-get", "download", "prometheus", cwd=folder)
    for package in folder.glob("prometheus_*.deb") if fetched else ():
        run("dpkg-deb", "--extract", package, folder)
        package.unlink()


def missing_keyboard_packages() -> list[str]:
    """Debian packages for typing through the window system."""
    missing = [package for program, package in KEYBOARD_PROGRAMS.items() if not shutil.which(program)]
    return missing if ctypes.util.find_library("Xtst") else [*missing, "libxtst6"]


def make_venv() -> None:
    """Create .venv, or leave a working one alone."""
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", "import pip"], capture_output=True).returncode == 0:
        return
    # Debian ships ensurepip apart from python3.
    if importlib.util.find_spec("ensurepip") is None and not install_debian(["python3-venv"], "the environment"):
        sys.exit("Set-up stopped: Python can't make a virtual environment.")
    say("Creating .venv")
    must(sys.executable, "-m", "venv", "--clear", VENV)


def install_packages() -> None:
    """Install exactly what the lock names, from whatever registry pip is configured for."""
    # pip alone: half a minute from nothing, and it obeys the machine's own configuration, which uv doesn't read.
    must(*PIP, "--require-hashes", "--requirement", LOCK)


def install_project() -> None:
    """Make the checkout itself importable and give it its `sheaf` command."""
    # compat mode is a plain path entry: folders made later are importable without another set-up.
    compat = ("--config-settings", "editable_mode=compat")
    must(*PIP, "--no-deps", "--no-build-isolation", *compat, "--editable", ROOT)


def main() -> None:
    """Every step says what it does; what is already there is left alone.

    `tests` adds what only tests need, `server` leaves out what only windows need.
    """
    if sys.argv[1:] == ["tests"]:
        install_oldest_postgres()
        install_machine()
        fetch_prometheus()
        return
    began = time.monotonic()
    if sys.version_info < (3, 11):
        sys.exit(f"Set-up stopped: Python 3.11 or newer is needed, this is {sys.version.split()[0]}.")
    make_venv()
    say(f"Installing the packages of {LOCK.name}")
    install_packages()
    install_project()
    windows = sys.platform == "linux" and sys.argv[1:] != ["server"]
    if windows and (missing := missing_qt_packages()):
        install_debian(missing, "the desktop's windows")
    if windows and (missing := missing_keyboard_packages()):
        install_debian(missing, "tests that type as a keyboard does")
    say(f"Ready in {time.monotonic() - began:.0f} s: make demo, make test, make check")


if __name__ == "__main__":
    main()
