"""`wif jwks` and `azwi jwks` write the same key set for the same keys."""

from __future__ import annotations

import datetime
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from programs import output, peer, wif

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
MAKE = {
    "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa3072": lambda: rsa.generate_private_key(65537, 3072),
    "rsa4096": lambda: rsa.generate_private_key(65537, 4096),
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
}


@pytest.fixture(scope="module")
def keys() -> dict[str, PrivateKey]:
    """Returns a new private key of each kind."""
    return {name: make() for name, make in MAKE.items()}


def public_file(folder: Path, name: str, key: PrivateKey, form: PublicFormat) -> Path:
    path = folder / f"{name}.pub"
    path.write_bytes(key.public_key().public_bytes(Encoding.PEM, form))
    return path


@pytest.mark.parametrize("name", MAKE)
def test_one_key(keys: dict[str, PrivateKey], tmp_path: Path, name: str) -> None:
    path = public_file(tmp_path, name, keys[name], PublicFormat.SubjectPublicKeyInfo)
    assert output(wif(), "jwks", "--public-key", path) == output(peer("azwi-jwks"), "--public-keys", path)


def test_several_keys_in_their_order(keys: dict[str, PrivateKey], tmp_path: Path) -> None:
    form = PublicFormat.SubjectPublicKeyInfo
    paths = [public_file(tmp_path, name, key, form) for name, key in keys.items()]
    theirs = [argument for path in paths for argument in ("--public-keys", path)]
    ours = output(wif(), "jwks", "--public-key", *paths)
    assert ours == output(peer("azwi-jwks"), *theirs)
    assert len(ours["keys"]) == len(MAKE)


def test_several_keys_in_one_file(keys: dict[str, PrivateKey], tmp_path: Path) -> None:
    form = PublicFormat.SubjectPublicKeyInfo
    paths = [public_file(tmp_path, name, key, form) for name, key in keys.items()]
    bundle = tmp_path / "all.pub"
    bundle.write_bytes(b"".join(path.read_bytes() for path in paths))
    assert output(wif(), "jwks", "--public-key", bundle) == output(peer("azwi-jwks"), "--public-keys", bundle)


@pytest.mark.parametrize("name", MAKE)
def test_the_key_of_a_certificate(keys: dict[str, PrivateKey], tmp_path: Path, name: str) -> None:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuer.example")])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).serial_number(7)
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    certificate = builder.public_key(keys[name].public_key()).sign(keys[name], hashes.SHA256())
    path = tmp_path / "server.crt"
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
    assert output(wif(), "jwks", "--certificate", path) == output(peer("azwi-jwks"), "--public-keys", path)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("rsa2048", PrivateFormat.PKCS8),
        ("rsa2048", PrivateFormat.TraditionalOpenSSL),
        # azwi reads no EC key in PKCS #8.
        ("p256", PrivateFormat.TraditionalOpenSSL),
        ("p384", PrivateFormat.TraditionalOpenSSL),
        ("p521", PrivateFormat.TraditionalOpenSSL),
    ],
)
def test_the_public_part_of_a_private_key(
    keys: dict[str, PrivateKey], tmp_path: Path, name: str, form: PrivateFormat
) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(keys[name].private_bytes(Encoding.PEM, form, NoEncryption()))
    ours = output(wif(), "jwks", "--from-private-key", path)
    assert ours == output(peer("azwi-jwks"), "--public-keys", path)


def test_ed25519_is_ours_alone(tmp_path: Path) -> None:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    path = tmp_path / "ed25519.pub"
    path.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert output(wif(), "jwks", "--public-key", path)["keys"][0]["alg"] == "EdDSA"
    refused = subprocess.run([peer("azwi-jwks"), "--public-keys", path], capture_output=True, timeout=60)
    assert refused.returncode != 0
