"""The TLS certificate that web and live serve. Without one of your own, a self-signed one is made at first run.

`home/tls/cert.pem` and `key.pem`: put your own there and they are never touched. Ours is made again before it ends
and when the host name changes; a browser asks about it once.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from callcart.config import ConfigurationError, config

ORGANISATION = "Callcart, self-signed"
LIFE = timedelta(days=397)  # browsers trust no longer one
RENEW_BEFORE = timedelta(days=30)
LOCAL_NAMES = ("localhost", "*.localhost", "harbor.localhost", "qinghe.localhost", "127.0.0.1", "::1")


def certificate_files() -> tuple[Path, Path]:
    """Certificate chain and key (PEM, PKCS #8), made if need be."""
    certificate, key = config().path("tls", "cert.pem"), config().path("tls", "key.pem")
    names = tuple(dict.fromkeys((*LOCAL_NAMES, config().public_host)))
    if not certificate.exists() and not key.exists():
        _make(certificate, key, names)
    elif not (certificate.exists() and key.exists()):
        raise ConfigurationError(f"{certificate.parent} must hold both cert.pem and key.pem, or neither.")
    else:
        loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
        if _is_ours(loaded) and _is_stale(loaded, names):
            _make(certificate, key, names)
    return certificate, key


def _make(certificate: Path, key: Path, names: tuple[str, ...]) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, names[-1][:64]),
        ]
    )
    begin = datetime.now(UTC) - timedelta(hours=1)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + LIFE)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signs_only(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )
    _write(
        key,
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        0o600,
    )
    _write(certificate, signed.public_bytes(serialization.Encoding.PEM), 0o644)


def _signs_only() -> x509.KeyUsage:
    """What a browser needs of an elliptic key: it signs the handshake, and nothing else."""
    never = (
        *("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
        *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(digital_signature=True, **dict.fromkeys(never, False))


def _general_name(name: str) -> x509.GeneralName:
    with suppress(ValueError):
        return x509.IPAddress(ip_address(name))
    return x509.DNSName(name)


def _is_ours(certificate: x509.Certificate) -> bool:
    found = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return bool(found) and found[0].value == ORGANISATION


def _is_stale(certificate: x509.Certificate, names: tuple[str, ...]) -> bool:
    held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    missing = [name for name in names if _general_name(name) not in held]
    return bool(missing) or certificate.not_valid_after_utc - datetime.now(UTC) < RENEW_BEFORE


def _write(path: Path, data: bytes, mode: int) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    draft.replace(path)
