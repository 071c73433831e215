"""Private keys that come from a seed, and what they sign. Only the salts of RSASSA-PSS are drawn by the library."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from random import Random
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

Jwk = dict[str, Any]
HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
CURVES: dict[str, tuple[str, type[ec.EllipticCurve], int]] = {
    "ES256": ("P-256", ec.SECP256R1, 32),
    "ES384": ("P-384", ec.SECP384R1, 48),
    "ES512": ("P-521", ec.SECP521R1, 66),
}
ORDERS = {
    "ES256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "ES384": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    "ES512": (1 << 521) - 0x5AE79787C40D069948033FEB708F65A2FC44A36477663B851449048E16EC79BF7,
}
ED25519_ORDER = (1 << 252) + 27742317777372353535851937790883648493
RSA_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
EDWARDS = ("EdDSA", "Ed25519")


def encoded(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value: int, length: int | None = None) -> str:
    """An unsigned integer as JWKs spell it."""
    return encoded(value.to_bytes(length or (value.bit_length() + 7) // 8, "big"))


@dataclass(frozen=True)
class Key:
    """A private key with its public JWK, which has only `kty` and the numbers."""

    kind: str
    private: Any
    jwk: Jwk

    def sign(self, algorithm: str, data: bytes) -> bytes:
        """A signature as JOSE spells it, whatever the algorithm says about the kind of key."""
        if self.kind == "OKP":
            return bytes(self.private.sign(data))
        digest = HASHES.get(algorithm[-3:], hashes.SHA256)()
        if self.kind != "RSA":
            size = CURVES[self.kind][2]
            der = self.private.sign(data, ec.ECDSA(digest, deterministic_signing=True))
            r, s = decode_dss_signature(der)
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")
        if algorithm.startswith("PS"):
            pss = padding.PSS(mgf=padding.MGF1(digest), salt_length=digest.digest_size)
            return bytes(self.private.sign(data, pss, digest))
        return bytes(self.private.sign(data, padding.PKCS1v15(), digest))


class Keys:
    """The keys of a run: for each kind several, so that there are wrong ones."""

    def __init__(self, seed: str) -> None:
        random = Random(seed)
        self.rsa = [rsa_key(random, 2048) for _ in range(3)] + [rsa_key(random, 3072)]
        self.weak = rsa_key(random, 1024)
        self.edwards = [edwards_key(random) for _ in range(3)]
        self.elliptic = {name: [elliptic_key(random, name) for _ in range(3)] for name in CURVES}
        self.secp256k1 = secp256k1_key(random)

    def of(self, algorithm: str) -> list[Key]:
        """The keys that fit an algorithm."""
        if algorithm in EDWARDS:
            return self.edwards
        return self.elliptic.get(algorithm, self.rsa)

    def all(self) -> list[Key]:
        return [*self.rsa, *self.edwards, *(key for keys in self.elliptic.values() for key in keys)]


def hmac_signature(secret: bytes, data: bytes) -> bytes:
    """HS256, which nobody here allows."""
    return hmac.new(secret, data, hashlib.sha256).digest()


def rsa_key(random: Random, bits: int) -> Key:
    exponent = 65537
    while True:
        p, q = prime(random, bits // 2), prime(random, bits // 2)
        if p > q and (p - 1) % exponent and (q - 1) % exponent:
            break
    d = pow(exponent, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(exponent, p * q)
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    private = numbers.private_key(unsafe_skip_rsa_key_validation=True)
    return Key("RSA", private, {"kty": "RSA", "n": number(p * q), "e": number(exponent)})


_SMALL = [at for at in range(3, 4000, 2) if all(at % by for by in range(3, int(at**0.5) + 1, 2))]


def prime(random: Random, bits: int) -> int:
    """A prime whose two highest bits are set."""
    while True:
        found = random.getrandbits(bits) | (3 << (bits - 2)) | 1
        if all(found % small for small in _SMALL) and all(strong(found, base) for base in (2, 3, 5, 7)):
            return found


def strong(candidate: int, base: int) -> bool:
    """Whether a candidate passes Miller and Rabin's test."""
    odd, twos = candidate - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    power = pow(base, odd, candidate)
    if power in (1, candidate - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % candidate
        if power == candidate - 1:
            return True
    return False


def elliptic_key(random: Random, algorithm: str) -> Key:
    name, curve, size = CURVES[algorithm]
    private = ec.derive_private_key(random.randrange(1, ORDERS[algorithm]), curve())
    public = private.public_key().public_numbers()
    jwk = {"kty": "EC", "crv": name, "x": number(public.x, size), "y": number(public.y, size)}
    return Key(algorithm, private, jwk)


def secp256k1_key(random: Random) -> Key:
    private = ec.derive_private_key(random.getrandbits(250), ec.SECP256K1())
    public = private.public_key().public_numbers()
    jwk = {"kty": "EC", "crv": "secp256k1", "x": number(public.x, 32), "y": number(public.y, 32)}
    return Key("ES256", private, jwk)


def edwards_key(random: Random) -> Key:
    private = ed25519.Ed25519PrivateKey.from_private_bytes(random.randbytes(32))
    public = private.public_key().public_bytes_raw()
    return Key("OKP", private, {"kty": "OKP", "crv": "Ed25519", "x": encoded(public)})
