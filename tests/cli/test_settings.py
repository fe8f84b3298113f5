"""Settings: every mistake is told at once, none shows a secret, and the right ones are read."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from server import pki
from server.channels.scb_file import ScbFileSettings
from server.cli import app
from server.database.migrations import upgrade
from server.installation import open_keys, prepare_folder
from server.settings import Settings, load_settings
from tests.conftest import ROLE_SECRET, FreshDatabase

NOBODY = "postgresql://nobody:hidden-word@127.0.0.1:1/nothing"


def configured(folder: Path, text: str, *, mode: int = 0o600) -> Path:
    """A settings file with the installation's keys beside it."""
    open_keys(folder)
    file = folder / "sheaf.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def mistakes(file: Path, **environment: str) -> dict[str, str]:
    """place -> text."""
    found = load_settings(file, needs=("bank",), environment=environment)
    assert isinstance(found, list)
    return {problem.place: problem.text for problem in found}


def test_a_prepared_folder_is_right_and_what_it_holds_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "new" / "sheaf.toml"
    prepare_folder(file, NOBODY)
    keys = (file.parent / "keys.json").read_bytes()
    prepare_folder(file, "postgresql://another/one")
    settings = load_settings(file, environment={})
    assert isinstance(settings, Settings)
    assert settings.database.url == NOBODY
    assert (file.parent / "keys.json").read_bytes() == keys
    assert {path.stat().st_mode & 0o777 for path in file.parent.iterdir()} == {0o600}


def test_no_secret_is_shown(tmp_path: Path) -> None:
    settings = load_settings(configured(tmp_path, f'[database]\nurl = "{NOBODY}"'), environment={})
    assert isinstance(settings, Settings)
    shown = repr(settings)
    assert "hidden-word" not in shown
    assert settings.keys.role_secret not in shown
    assert repr(settings.keys.vault_key) not in shown


def test_a_trusted_proxy_is_an_address_or_a_network(tmp_path: Path) -> None:
    file = configured(tmp_path, f'[database]\nurl = "{NOBODY}"\n[api]\ntrusted_proxies = ["10.0.0.0/8", "::1"]')
    settings = load_settings(file, environment={})
    assert isinstance(settings, Settings)
    assert settings.api.trusted_proxies == ("10.0.0.0/8", "::1")
    told = load_settings(file, environment={"SHEAF_API_TRUSTED_PROXIES": "127.0.0.1,nginx"})
    assert [(one.place, one.text.split()[0]) for one in told] == [("api.trusted_proxies", "nginx")]  # type: ignore[union-attr]


def test_a_variable_beats_the_file(tmp_path: Path) -> None:
    file = configured(tmp_path, f'[database]\nurl = "{NOBODY}"\n[api]\nport = 9000')
    changed = {"SHEAF_DATABASE_URL": "postgresql://h/other", "SHEAF_API_PORT": "9001"}
    settings = load_settings(file, environment=changed)
    assert isinstance(settings, Settings)
    assert (settings.database.url, settings.api.port) == ("postgresql://h/other", 9001)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    key = tmp_path / "client.key"
    key.write_text("secret")
    key.chmod(0o644)
    file = configured(
        tmp_path,
        """
        [databse]
        url = "x"
        [api]
        port = "seventy"
        hots = "127.0.0.1"
        [policy]
        manager_limit = "a lot"
        [bank]
        base_url = "https://bank.example"
        api_key = "hidden-word"
        client_key = "client.key"
        client_certificate = "absent.pem"
        """,
        mode=0o644,
    )
    told = mistakes(file, SHEAF_DATABASE_ULR="postgresql://h/d")
    assert "did you mean database?" in told["sheaf.toml: [databse]"]
    assert "is missing; set it in the file or as SHEAF_DATABASE_URL" in told["database.url"]
    assert "int" in told["api.port"]
    assert "did you mean host?" in told["sheaf.toml: api.hots"]
    assert "200000.00" in told["policy.manager_limit"]
    assert {"bank.api_secret", "bank.corporate_id", "bank.payer_account", "bank.payer_tax_id"} < set(told)
    assert "chmod 600" in told["bank.client_key"]
    assert "there is no file" in told["bank.client_certificate"]
    assert "chmod 600" in told[str(file.resolve())]
    assert "did you mean SHEAF_DATABASE_URL?" in told["SHEAF_DATABASE_ULR"]
    assert "hidden-word" not in repr(told)


@pytest.mark.parametrize("text", ["[database", "\xff"])
def test_a_file_that_is_not_toml_is_a_mistake_like_others(tmp_path: Path, text: str) -> None:
    told = mistakes(configured(tmp_path, text))
    assert "is not TOML" in told["sheaf.toml"]
    assert not [place for place in told if place.startswith(("database.", "bank."))]  # nobody knows what it holds


def test_config_check_ends_with_78_and_names_certificate_and_database(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    authority = pki.open_authority(tmp_path, "authority", now)
    old = pki.issue_expired_client(authority, tmp_path, "AGRI001", now)
    file = configured(
        tmp_path,
        f"""
        [database]
        url = "{NOBODY}"
        [bank]
        base_url = "https://bank.example"
        api_key = "k"
        api_secret = "s"
        corporate_id = "AGRI001"
        payer_account = "1112223338"
        payer_tax_id = "0105561000017"
        authority_file = "authority.pem"
        client_certificate = "{old.certificate.name}"
        client_key = "{old.key.name}"
        """,
    )
    shown = CliRunner().invoke(app, ["config", "check", "--config", str(file)])
    assert shown.exit_code == 78
    told = " ".join(shown.output.split())
    assert "bank.client_certificate ran out" in told
    assert "database.url the database can't be reached" in told
    assert "sftp.host is missing" in told
    assert "hidden-word" not in told


@pytest.mark.parametrize("words", ["serve", "worker payments", "worker statements", "migrate", "status"])
def test_nothing_starts_with_wrong_settings(tmp_path: Path, words: str) -> None:
    file = configured(tmp_path, "[api]\nport = 0")
    shown = CliRunner().invoke(app, [*words.split(), "--config", str(file)])
    assert shown.exit_code == 78
    told = " ".join(shown.output.split())
    assert "database.url is missing" in told
    assert "api.port is wrong" in told
    assert ("bank.api_key is missing" in told) == (words == "worker payments")
    assert ("sftp.host is missing" in told) == (words == "worker statements")


@pytest.mark.parametrize("words", ["status", "config check", "user list"])
def test_a_file_that_is_not_there_is_told_with_what_makes_it(tmp_path: Path, words: str) -> None:
    missing = tmp_path / "sheaf.toml"
    shown = CliRunner().invoke(app, [*words.split(), "--config", str(missing)])
    assert shown.exit_code == 78
    first = shown.output.splitlines()[0]
    assert str(missing) in first
    assert "sheaf init" in first


def test_config_check_tells_an_empty_schema_and_a_strange_role_secret(
    empty_database: FreshDatabase, tmp_path: Path
) -> None:
    from server.settings_check import database_problems

    with empty_database() as url:
        [behind] = database_problems(url, None)
        assert "run: sheaf migrate" in behind.text
        upgrade(url, "s" * 40)
        [strange] = database_problems(url, "t" * 40)
        assert strange.place == "keys.role_secret"
        # Roles belong to the whole cluster, which other tests use with their own secret.
        upgrade(url, ROLE_SECRET)
        assert database_problems(url, ROLE_SECRET) == []


def test_a_certificate_that_runs_out_soon_is_told(tmp_path: Path) -> None:
    from server.settings_check import certificate_problems

    now = datetime.now(UTC)
    authority = pki.open_authority(tmp_path, "authority", now)
    client = pki.issue_client(authority, tmp_path, "AGRI001", now)
    assert certificate_problems("x", client.certificate, now) == []
    [soon] = certificate_problems("x", client.certificate, now + timedelta(days=800))
    assert "ask the bank for a new one now" in soon.text
    assert soon.warning
    [future] = certificate_problems("x", client.certificate, now - timedelta(days=5))
    assert "is not valid before" in future.text


def test_our_accounts_are_those_that_pay_and_those_that_sftp_adds(tmp_path: Path) -> None:
    pki.open_ssh_key(tmp_path / "drop.key")
    drop = (
        'host = "sftp.bank"\nport = 22\nusername = "us"\nprivate_key = "drop.key"\nhost_keys = ["ssh-ed25519 AAAA"]\n'
    )
    paying = f'[scb_file]\n{drop}payer_account = "1112223338"\n'
    further = f'[sftp]\n{drop}accounts = ["4445556660", "1112223338"]\n'
    settings = load_settings(configured(tmp_path, f'[database]\nurl = "{NOBODY}"\n{paying}{further}'), environment={})
    assert isinstance(settings, Settings)
    assert settings.company_accounts == ("1112223338", "4445556660")
    wrong = f'[database]\nurl = "{NOBODY}"\n{further.replace("4445556660", "444-555")}'
    assert set(mistakes(configured(tmp_path, wrong))) >= {"sftp.accounts"}


def test_a_channel_has_a_section_of_its_own_name_and_its_key_is_kept_secret(tmp_path: Path) -> None:
    pki.open_ssh_key(tmp_path / "drop.key")
    section = '[scb_file]\nhost = "sftp.bank"\nport = 22\nusername = "us"\nprivate_key = "drop.key"\n'
    section += 'host_keys = ["ssh-ed25519 AAAA"]\npayer_account = "1112223338"\n'
    section += 'opens = "08:30:00"\ncloses = "16:00:00"\n'
    file = configured(tmp_path, f'[database]\nurl = "{NOBODY}"\n{section}')
    settings = load_settings(file, environment={"SHEAF_SCB_FILE_PORT": "2222"})
    assert isinstance(settings, Settings)
    assert set(settings.channels) == {"scb_file"}
    opened = settings.channels["scb_file"]
    assert isinstance(opened, ScbFileSettings)
    assert (opened.port, opened.private_key, opened.opens) == (2222, tmp_path / "drop.key", time(8, 30))
    (tmp_path / "drop.key").chmod(0o644)
    wrong = load_settings(file, environment={})
    assert isinstance(wrong, list)
    assert [problem.place for problem in wrong] == ["scb_file.private_key"]
