"""The keys and certificates of a demo satisfy strict verifiers and stay private."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from server import pki
from tests.lab.sandbox_bank.fixtures import now


def load(identity: pki.Identity) -> x509.Certificate:
    return x509.load_pem_x509_certificate(identity.certificate.read_bytes())


@pytest.mark.parametrize("purpose", ["server", "client"])
def test_leaves_carry_what_strict_verification_asks_for(purpose: str, tmp_path: Path) -> None:
    authority = pki.open_authority(tmp_path, "authority", now())
    issued = (
        pki.issue_server(authority, tmp_path, "leaf", ("127.0.0.1", "localhost"), now())
        if purpose == "server"
        else pki.issue_client(authority, tmp_path, "leaf", now())
    )
    leaf = load(issued)
    leaf.verify_directly_issued_by(authority.certificate)
    extensions = leaf.extensions
    identifier = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    issuer = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert identifier == issuer
    assert extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest != issuer
    assert len(list(extensions.get_extension_for_class(x509.SubjectAlternativeName).value)) >= 1
    usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    wanted = ExtendedKeyUsageOID.SERVER_AUTH if purpose == "server" else ExtendedKeyUsageOID.CLIENT_AUTH
    assert list(usage) == [wanted]


def test_expired_certificates_have_run_out(tmp_path: Path) -> None:
    authority = pki.open_authority(tmp_path, "authority", now())
    assert load(pki.issue_expired_client(authority, tmp_path, "leaf", now())).not_valid_after_utc < now()
    assert load(pki.issue_client(authority, tmp_path, "leaf", now())).not_valid_after_utc > now() + timedelta(days=800)


def test_a_directory_keeps_its_authority_and_its_ssh_key(tmp_path: Path) -> None:
    first = pki.open_authority(tmp_path, "authority", now())
    assert pki.open_authority(tmp_path, "authority", now()).certificate == first.certificate
    assert pki.open_ssh_key(tmp_path / "ssh.key") == pki.open_ssh_key(tmp_path / "ssh.key")


def test_every_file_is_its_owners_alone(tmp_path: Path) -> None:
    authority = pki.open_authority(tmp_path / "keys", "authority", now())
    pki.issue_client(authority, tmp_path / "keys", "leaf", now())
    pki.open_ssh_key(tmp_path / "keys" / "ssh.key")
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "keys").iterdir()} == {0o600}


def test_a_pin_survives_renewal_with_the_same_key_only(tmp_path: Path) -> None:
    authority = pki.open_authority(tmp_path, "authority", now())
    one = load(pki.issue_client(authority, tmp_path, "one", now()))
    two = load(pki.issue_client(authority, tmp_path, "two", now()))
    assert pki.spki_pin(one) != pki.spki_pin(two)
    assert len(pki.spki_pin(one)) == 64
