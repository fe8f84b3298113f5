"""The settings: one typed object from `keys.json`, a TOML file and SHEAF_* variables; every mistake is told at once."""

from __future__ import annotations

import difflib
import ipaddress
import os
import sys
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from server.alarm_settings import AlarmSection
from server.backup.settings import BackupSettings
from server.channels import plugins
from server.channels.scb import ScbSettings
from server.context import Policy
from server.database.away import Away
from server.policy_settings import PolicySection, policy_of
from server.secret_files import file_problem
from server.statements.fetch import SftpSettings
from shared.banks import AccountNumber

CONFIG_FILE: Final = "sheaf.toml"
KEYS_FILE: Final = "keys.json"
EXIT_CONFIG: Final = 78
"""EX_CONFIG of sysexits.h: what a process answers that will not start with these settings."""

_PREFIX: Final = "SHEAF_"
_OURS: Final = ("SHEAF_DATA", "SHEAF_CONFIG")


class Problem(msgspec.Struct, frozen=True):
    """One mistake: where it stands (`bank.api_key`) and what to do about it; never the value itself.

    A warning is right for now: somebody has to act, and nothing stops for it.
    """

    place: str
    text: str
    warning: bool = False
    away: Away | None = None
    """Why the database is not reached, where that is the mistake."""
    missing: bool = False
    """A setting that must be there is not."""


class DatabaseSection(msgspec.Struct, frozen=True, kw_only=True):
    """The administrator's URL; each process connects as its own role with a password derived from the role secret."""

    url: Annotated[str, Meta(pattern=r"^postgres(ql)?://")]

    def __repr__(self) -> str:
        return "DatabaseSection(url=...)"


class KeysSection(msgspec.Struct, frozen=True, kw_only=True):
    """The installation's own secrets, made once by `sheaf init`; who loses the vault key loses every account number."""

    role_secret: Annotated[str, Meta(min_length=16)]
    vault_key: Annotated[bytes, Meta(min_length=32, max_length=32)]

    def __repr__(self) -> str:
        return "KeysSection(...)"


class ApiSection(msgspec.Struct, frozen=True, kw_only=True):
    """Where the API listens and by how many processes; TLS is the work of the proxy in front."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 8350
    workers: Annotated[int, Meta(ge=1, le=64)] = 2
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks whose X-Forwarded-For says who calls: callers without a desk are counted by it."""
    memory_mb: Annotated[int, Meta(ge=256, le=1 << 20)] = 1024
    """What a worker of any kind may hold; who holds more is replaced by another one."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a process of the server is started with. Its repr shows no secret."""

    data_dir: Path
    database: DatabaseSection
    keys: KeysSection
    api: ApiSection
    policy: Policy
    backup: BackupSettings = msgspec.field(default_factory=BackupSettings)
    alarm: AlarmSection = msgspec.field(default_factory=AlarmSection)
    bank: ScbSettings | None = None
    sftp: SftpSettings | None = None
    channels: Mapping[str, msgspec.Struct] = msgspec.field(default_factory=dict)
    """Settings of each channel that has any, by its name; the bank's API is one of them."""

    @property
    def company_accounts(self) -> tuple[AccountNumber, ...]:
        """The accounts whose statements are ours: what the channels pay from, and further ones that [sftp] names."""
        paying = [number for one in self.channels.values() if (number := getattr(one, "payer_account", ""))]
        return tuple(map(AccountNumber, dict.fromkeys([*paying, *(self.sftp.accounts if self.sftp else ())])))


CHANNELS: Final = {
    name: plugin.settings for name, plugin in plugins().items() if name != "scb" and plugin.settings.__struct_fields__
}
"""Channels whose section bears their name; that of the bank's API is [bank]."""

SECTIONS: Final[dict[str, type[msgspec.Struct]]] = {
    "database": DatabaseSection,
    "keys": KeysSection,
    "api": ApiSection,
    "bank": ScbSettings,
    "sftp": SftpSettings,
    "policy": PolicySection,
    "backup": BackupSettings,
    "alarm": AlarmSection,
    **CHANNELS,
}
OF_THE_WORKERS: Final = frozenset({"bank", "sftp"})
"""Sections that an installation needs and some process may do without; the worker that needs one asks for it."""

OPTIONAL: Final = OF_THE_WORKERS | frozenset(CHANNELS)
"""Sections that may be absent: those, and the sections of further channels."""

_CHANNEL_FILES: Final = {
    name: tuple(field.encode_name for field in msgspec.structs.fields(kind) if field.type is Path)
    for name, kind in CHANNELS.items()
}
_FILES: Final[dict[str, tuple[str, ...]]] = {
    "bank": ("authority_file", "client_certificate", "client_key"),
    "sftp": ("private_key",),
    "alarm": ("mail_authority_file",),
    **_CHANNEL_FILES,
}
_SECRET_FILES: Final = {
    "bank": ("client_key",),
    "sftp": ("private_key",),
    **{name: tuple(file for file in files if file.endswith("key")) for name, files in _CHANNEL_FILES.items()},
}


def default_data_dir(environment: Mapping[str, str] | None = None) -> Path:
    """SHEAF_DATA, else `sheaf` in the platform's folder for a user's data."""
    variables = os.environ if environment is None else environment
    if variables.get("SHEAF_DATA"):
        return Path(variables["SHEAF_DATA"])
    if sys.platform == "win32":
        return Path(variables.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "Sheaf"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Sheaf"
    return Path(variables.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "sheaf"


def config_file(config: Path | None, data_dir: Path | None = None) -> Path:
    """The TOML file: the one named, else SHEAF_CONFIG, else `sheaf.toml` in the data directory."""
    if config is not None:
        return config
    named = os.environ.get("SHEAF_CONFIG") if data_dir is None else None
    return Path(named) if named else (data_dir or default_data_dir()) / CONFIG_FILE


class Sections(msgspec.Struct, frozen=True, kw_only=True):
    """What could be read; a section that is absent or has a mistake is None."""

    database: DatabaseSection | None
    keys: KeysSection | None
    api: ApiSection | None
    policy: Policy | None
    backup: BackupSettings | None
    alarm: AlarmSection | None
    bank: ScbSettings | None
    sftp: SftpSettings | None
    channels: dict[str, msgspec.Struct]


Files = Mapping[str, bytes | None]
"""The settings file and `keys.json` as they were read, by name; None where there was none."""


def read_files(config: Path) -> dict[str, bytes | None]:
    """What workers that start later are to read, whatever stands in the files by then."""
    places = (config.resolve(), config.resolve().parent / KEYS_FILE)
    return {place.name: place.read_bytes() if place.exists() else None for place in places}


def load_sections(
    config: Path,
    *,
    needs: Collection[str] = (),
    environment: Mapping[str, str] | None = None,
    files: Files | None = None,
) -> tuple[Sections, list[Problem]]:
    """Read settings; a variable SHEAF_SECTION_KEY beats the file, the file beats `keys.json` beside it.

    `needs` names optional sections that must be there. Relative paths are relative to the file. Tells every mistake:
    unreadable or too open files, unknown and missing keys, wrong values.
    """
    reader = _Reader(config.resolve(), os.environ if environment is None else environment, files)
    found = {name: reader.section(name, required=name not in OPTIONAL or name in needs) for name in SECTIONS}
    channels = {name: section for name in CHANNELS if (section := found.pop(name)) is not None}
    if found["bank"] is not None:
        channels["scb"] = found["bank"]
    reader.proxies(found["api"])
    return Sections(**{**found, "policy": reader.policy(found["policy"])}, channels=channels), reader.problems


def load_settings(
    config: Path,
    *,
    needs: Collection[str] = (),
    environment: Mapping[str, str] | None = None,
    files: Files | None = None,
) -> Settings | list[Problem]:
    """The settings as `load_sections` reads them, or every mistake in them."""
    found, problems = load_sections(config, needs=needs, environment=environment, files=files)
    if problems or not (found.database and found.keys and found.api and found.policy and found.backup and found.alarm):
        return problems
    return Settings(
        data_dir=config.resolve().parent,
        database=found.database,
        keys=found.keys,
        api=found.api,
        policy=found.policy,
        backup=found.backup,
        alarm=found.alarm,
        bank=found.bank,
        sftp=found.sftp,
        channels=found.channels,
    )


class _Reader:
    """Gathers values from the three places and problems from everywhere."""

    def __init__(self, config: Path, environment: Mapping[str, str], files: Files | None) -> None:
        self.problems: list[Problem] = []
        self._torn: set[str] = set()
        """Files that nobody can read: of what stands in them nobody knows whether it is missing."""
        self._base, self._files, self._settings = config.parent, files, config.name
        self._values: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
        self._merge(KEYS_FILE, {"keys": self._keys()})
        self._merge(config.name, self._toml(config))
        self._merge_environment(environment)

    def section(self, name: str, *, required: bool) -> Any:
        """The section as its struct; None when it is optional and absent, or wrong (then problems say how)."""
        kind, given = SECTIONS[name], self._values[name]
        if not given and not required:
            return None
        values: dict[str, Any] = {}
        before, whole = len(self.problems), self._place_of(name) not in self._torn
        for field in msgspec.structs.fields(kind):
            place = f"{name}.{field.encode_name}"
            if field.encode_name in given:
                values[field.encode_name] = self._convert(place, given[field.encode_name], field.type)
            elif field.required and whole:
                text = f"is missing; set it in the file or as {_variable(name, field.encode_name)}"
                self.problems.append(Problem(place, text, missing=True))
            elif field.required:
                return None
        self._look_at_files(name, values)
        return kind(**values) if len(self.problems) == before else None

    def _place_of(self, section: str) -> str:
        return KEYS_FILE if section == "keys" else self._settings

    def proxies(self, api: Any) -> None:
        """Tell each trusted proxy that is neither an address nor a network."""
        for proxy in () if api is None else api.trusted_proxies:
            try:
                ipaddress.ip_network(proxy, strict=False)
            except ValueError:
                self._say("api.trusted_proxies", f"{proxy} is not an address or a network such as 10.0.0.0/8")

    def policy(self, section: Any) -> Policy | None:
        """The rooms' policy out of the section."""
        if section is None:
            return None
        policy, wrong = policy_of(section)
        for key in wrong:
            self._say(f"policy.{key}", "is not an amount in baht such as 200000.00")
        return policy

    def _say(self, place: str, text: str) -> None:
        self.problems.append(Problem(place, text))

    def _keys(self) -> dict[str, Any]:
        content = self._private(self._base / KEYS_FILE)
        if content is None:
            return {}
        try:
            return msgspec.json.decode(content, type=dict[str, Any])
        except msgspec.MsgspecError:
            self._cannot_read(KEYS_FILE, "is not JSON")
            return {}

    def _toml(self, config: Path) -> dict[str, Any]:
        content = self._private(config)
        if content is None:
            return {}
        try:
            return tomllib.loads(content.decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            self._cannot_read(config.name, f"is not TOML: {error}")
            return {}

    def _cannot_read(self, file: str, why: str) -> None:
        self._torn.add(file)
        self._say(file, why)

    def _private(self, file: Path) -> bytes | None:
        """What a file that holds secrets says, if there is one; a problem when others may read it or we may not."""
        if self._files is not None:
            return self._files.get(file.name)
        if not file.exists():
            return None
        if problem := file_problem(file, secret=True):
            self._say(str(file), problem)
        try:
            return file.read_bytes()
        except OSError as error:
            self._torn.add(file.name)
            if not problem:
                self._say(str(file), f"can't be read: {error.strerror}")
            return None

    def _merge(self, source: str, found: Mapping[str, Any]) -> None:
        for name, values in found.items():
            if name not in SECTIONS:
                self._say(f"{source}: [{name}]", f"is not a section{_meant(name, SECTIONS)}")
            elif not isinstance(values, dict):
                self._say(f"{source}: {name}", f"is a section; write [{name}] above its keys")
            else:
                self._merge_section(source, name, values)

    def _merge_section(self, source: str, name: str, values: Mapping[str, Any]) -> None:
        known = [field.encode_name for field in msgspec.structs.fields(SECTIONS[name])]
        for key, value in values.items():
            if key in known:
                self._values[name][key] = value
            else:
                self._say(f"{source}: {name}.{key}", f"is not a setting{_meant(key, known)}")

    def _merge_environment(self, environment: Mapping[str, str]) -> None:
        known = {
            _variable(name, field.encode_name): (name, field.encode_name, field.type)
            for name, kind in SECTIONS.items()
            for field in msgspec.structs.fields(kind)
        }
        for variable in sorted(name for name in environment if name.startswith(_PREFIX) and name not in _OURS):
            if variable not in known:
                self._say(variable, f"is not a setting{_meant(variable, known)}")
                continue
            section, key, kind = known[variable]
            text = environment[variable]
            many = getattr(kind, "__origin__", None) is tuple
            self._values[section][key] = [part.strip() for part in text.split(",") if part.strip()] if many else text

    def _convert(self, place: str, value: Any, kind: Any) -> Any:
        try:
            return msgspec.convert(value, type=kind, strict=not isinstance(value, str), dec_hook=_path)
        except msgspec.ValidationError as error:
            # msgspec tells the expected shape and never the value.
            self._say(place, f"is wrong: {error}")
            return None

    def _look_at_files(self, name: str, values: dict[str, Any]) -> None:
        for key in _FILES.get(name, ()):
            if not values.get(key):
                continue
            path = self._base / values[key]
            values[key] = path if isinstance(values[key], Path) else str(path)
            if problem := file_problem(path, secret=key in _SECRET_FILES.get(name, ())):
                self._say(f"{name}.{key}", problem)


def _variable(section: str, key: str) -> str:
    return f"{_PREFIX}{section}_{key}".upper()


def _meant(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _path(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise ValueError("expected a path")
