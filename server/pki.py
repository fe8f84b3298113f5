"""Makes the private authority, certificates and SSH keys of a demo or test installation; production brings its own."""

from __future__ import annotations

import hashlib
import ipaddress
import os
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_AUTHORITY_DAYS = 3650
_LEAF_DAYS = 825


class Identity(msgspec.Struct, frozen=True):
    """A certificate and its key, as PEM files."""

    certificate: Path
    key: Path


class Authority(msgspec.Struct, frozen=True):
    """A private certificate authority held in memory, and the file that clients pin."""

    certificate_file: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, replacing it in one step."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    temporary.replace(path)


def open_authority(directory: Path, name: str, now: datetime) -> Authority:
    """Load `<name>.pem` and `<name>.key`, or make them: a directory keeps its authority."""
    certificate_file, key_file = directory / f"{name}.pem", directory / f"{name}.key"
    if certificate_file.exists() and key_file.exists():
        loaded = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{key_file.name} does not hold an elliptic curve key")
        return Authority(certificate_file, x509.load_pem_x509_certificate(certificate_file.read_bytes()), loaded)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _builder(subject, subject, key.public_key(), key.public_key())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=_AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_secret(key_file, _private_pem(key))
    write_secret(certificate_file, certificate.public_bytes(serialization.Encoding.PEM))
    return Authority(certificate_file, certificate, key)


def issue_server(authority: Authority, directory: Path, name: str, hosts: tuple[str, ...], now: datetime) -> Identity:
    """Issue a server certificate for the given host names and addresses, valid from a day ago."""
    return _issue(authority, directory, name, hosts, ExtendedKeyUsageOID.SERVER_AUTH, _valid(now))


def issue_client(authority: Authority, directory: Path, name: str, now: datetime) -> Identity:
    """Issue a client certificate whose common name is `name`, valid from a day ago."""
    return _issue(authority, directory, name, (name,), ExtendedKeyUsageOID.CLIENT_AUTH, _valid(now))


def issue_expired_server(
    authority: Authority, directory: Path, name: str, hosts: tuple[str, ...], now: datetime
) -> Identity:
    """Issue a server certificate that ran out an hour before `now`."""
    return _issue(authority, directory, name, hosts, ExtendedKeyUsageOID.SERVER_AUTH, _expired(now))


def issue_expired_client(authority: Authority, directory: Path, name: str, now: datetime) -> Identity:
    """Issue a client certificate that ran out an hour before `now`; its common name is `name`."""
    return _issue(authority, directory, name, (name,), ExtendedKeyUsageOID.CLIENT_AUTH, _expired(now), "-expired")


def spki_pin(certificate: x509.Certificate) -> str:
    """SHA-256 of the SubjectPublicKeyInfo in hex: survives a renewal that keeps the key, unlike a leaf hash."""
    public = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(public).hexdigest()


def open_ssh_key(path: Path) -> str:
    """Make an Ed25519 key in OpenSSH form unless the file exists; return its public line (`ssh-ed25519 AAAA...`)."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = ed25519.Ed25519PrivateKey.generate()
        write_secret(
            path,
            made.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
            ),
        )
    key = serialization.load_ssh_private_key(path.read_bytes(), password=None)
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return public.decode("ascii")


def _valid(now: datetime) -> tuple[datetime, datetime]:
    return now - timedelta(days=1), now + timedelta(days=_LEAF_DAYS)


def _expired(now: datetime) -> tuple[datetime, datetime]:
    return now - timedelta(days=2), now - timedelta(hours=1)


def _issue(
    authority: Authority,
    directory: Path,
    name: str,
    hosts: tuple[str, ...],
    purpose: x509.ObjectIdentifier,
    validity: tuple[datetime, datetime],
    suffix: str = "",
) -> Identity:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        _builder(subject, authority.certificate.subject, key.public_key(), authority.key.public_key())
        .not_valid_before(validity[0])
        .not_valid_after(validity[1])
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    identity = Identity(directory / f"{name}{suffix}.pem", directory / f"{name}{suffix}.key")
    write_secret(identity.key, _private_pem(key))
    write_secret(identity.certificate, certificate.public_bytes(serialization.Encoding.PEM))
    return identity


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePublicKey,
) -> x509.CertificateBuilder:
    # Python 3.13 verifies strictly: without the two key identifiers a private authority's leaf is refused there.
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False)
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
