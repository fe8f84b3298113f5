"""A Debian with nothing on it, in a container: README's first block brings everything, from Debian and the lock."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import urlsplit

import pytest

from tests.meta.sources import ROOT
from tests.support.machine import Machine, why_not

SOURCE = "/srv/source"
_BASE = "systemd,systemd-sysv,dbus,ca-certificates,iproute2,curl"


def debian(folder: Path) -> Path:
    """The smallest Debian that boots, of this machine's release; skips where none can be had."""
    if cause := why_not():
        pytest.skip(cause)
    if not shutil.which("debootstrap"):
        pytest.skip("missing here; as root: apt-get install debootstrap")
    release = dict(line.partition("=")[::2] for line in Path("/etc/os-release").read_text().splitlines())
    tree = folder / "debian"
    command = [
        "debootstrap",
        "--variant=minbase",
        f"--include={_BASE}",
        release.get("VERSION_CODENAME", "stable"),
        str(tree),
    ]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        pytest.skip(f"no Debian can be had here: {made.stdout.strip().splitlines()[-1:]}")
    return tree


@contextmanager
def bare_machine(tree: Path, *binds: str) -> Iterator[Machine]:
    """A booted machine with a copy of this tree; what it installs comes over this machine's network."""
    folder = Path(mkdtemp(prefix="sheaf-machine-", dir="/var/tmp"))
    root = folder / "root"
    subprocess.run(["cp", "-a", "--reflink=auto", tree, root], check=True)
    # What is needed of it is read once, and its clone must not depend on who owns this checkout.
    (root / "etc/gitconfig").write_text(f"[safe]\n\tdirectory = {SOURCE}\n\tdirectory = {SOURCE}/.git\n")
    (root / "etc/hostname").write_text("sheaf\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost sheaf\n")
    variables, shared = _pip(root)
    own = [f"--bind-ro={ROOT}:{SOURCE}", *(f"--bind-ro={path}" for path in shared), "--resolv-conf=copy-host"]
    made = Machine(root, binds=(*own, *binds), abroad=variables)
    try:
        made.boot()
        yield made
    finally:
        made.destroy()
        shutil.rmtree(folder, ignore_errors=True)


def _pip(root: Path) -> tuple[dict[str, str], Sequence[Path]]:
    """What this machine's pip is told, as variables, and the folders that are named there; files are copied."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    told = {}
    for line in listed.stdout.splitlines():
        name, _, value = line.partition("=")
        key = name.rpartition(".")[2].replace("-", "_").upper()
        told[f"PIP_{key}"] = value.strip("'\"").replace("\\n", " ")
    (root / "srv/pip").mkdir(parents=True)
    for name, value in told.items():
        if os.path.isfile(value):
            shutil.copyfile(value, root / "srv/pip" / Path(value).name)
            told[name] = f"/srv/pip/{Path(value).name}"
    places = {urlsplit(word).path for value in told.values() for word in value.split()}
    folders = [Path(place) for place in sorted(places) if place.startswith("/") and os.path.isdir(place)]
    # An index keeps its files beside its pages.
    return told, [place.parent if place.name == "simple" else place for place in folders]
