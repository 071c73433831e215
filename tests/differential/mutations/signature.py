"""Signatures that do not fit, or fit in a way they should not; algorithms exchanged for others."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from case import Case, good
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from keys import CURVES, ED25519_ORDER, ORDERS, RSA_ALGORITHMS
from mutations import Area

AREA = Area("signature")
SWAP = Area("swap")


def into(case: Case, algorithms: tuple[str, ...]) -> None:
    """Makes the case one of these algorithms, since the mutation means nothing for others."""
    if case.settled and case.algorithm not in algorithms:
        raise LookupError(case.algorithm)
    while case.algorithm not in algorithms:
        case.__dict__.update(good(case.random, case.keys).__dict__)


def changed(change: Callable[[bytes], bytes], case: Case) -> None:
    case.signature.append(change)


for what, change in {
    "cut": lambda data: data[:-1],
    "longer": lambda data: data + b"\0",
    "zero-before": lambda data: b"\0" + data,
    "empty": lambda data: b"",
    "zeros": lambda data: bytes(len(data)),
    "ones": lambda data: b"\xff" * len(data),
    "one-byte": lambda data: b"\1",
    "twice": lambda data: data + data,
    "reversed": lambda data: data[::-1],
}.items():
    AREA.add(what, partial(changed, change))


def bit(byte: float, case: Case) -> None:
    """One bit is wrong, somewhere around this part of the signature."""
    draw = case.random

    def flip(data: bytes) -> bytes:
        spot = min(len(data) - 1, int(byte * len(data)) + draw.randrange(3))
        return data[:spot] + bytes([data[spot] ^ (1 << draw.randrange(8))]) + data[spot + 1 :]

    case.signature.append(flip)


for name, place in {"first": 0.0, "early": 0.2, "middle": 0.5, "late": 0.8, "last": 1.0}.items():
    AREA.add(f"bit-{name}", partial(bit, place))


@AREA.kind("of-another-key")
def of_another_key(case: Case) -> None:
    case.signer = case.random.choice([key for key in case.keys.of(case.algorithm) if key is not case.signer])


@AREA.kind("of-another-token")
def of_another_token(case: Case) -> None:
    signer, algorithm = case.signer, case.algorithm
    case.signed = lambda data: signer.sign(algorithm, data[:-1])


@AREA.kind("of-payload-only")
def of_payload_only(case: Case) -> None:
    signer, algorithm = case.signer, case.algorithm
    case.signed = lambda data: signer.sign(algorithm, data.split(b".")[1])


@AREA.kind("rsa-sha1")
def rsa_sha1(case: Case) -> None:
    into(case, RSA_ALGORITHMS)
    private = case.signer.private
    case.signed = lambda data: private.sign(data, padding.PKCS1v15(), hashes.SHA1())


def pss(salt: int, case: Case) -> None:
    into(case, ("PS256", "PS384", "PS512"))
    private, digest = (
        case.signer.private,
        {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}[case.algorithm[2:]],
    )
    case.signed = lambda data: private.sign(
        data, padding.PSS(mgf=padding.MGF1(digest), salt_length=digest.digest_size + salt), digest
    )


AREA.add("pss-short-salt", partial(pss, -8))
AREA.add("pss-long-salt", partial(pss, 8))


@AREA.kind("pss-other-mask")
def pss_mask(case: Case) -> None:
    into(case, ("PS256", "PS384", "PS512"))
    private, digest = (
        case.signer.private,
        {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}[case.algorithm[2:]],
    )
    mask = padding.MGF1(hashes.SHA1())
    case.signed = lambda data: private.sign(data, padding.PSS(mgf=mask, salt_length=digest.digest_size), digest)


@AREA.kind("rsa-plus-modulus")
def rsa_plus_modulus(case: Case) -> None:
    """The same number modulo n, which a reader without bounds would take."""
    into(case, RSA_ALGORITHMS)
    modulus = case.signer.private.public_key().public_numbers().n
    case.signature.append(lambda data: plus(data, modulus))


def plus(data: bytes, modulus: int) -> bytes:
    total = int.from_bytes(data, "big") + modulus
    return total.to_bytes(max(len(data), (total.bit_length() + 7) // 8), "big")


def halves(change: Callable[[int, int, int], tuple[int, int]], case: Case) -> None:
    """Changes r and s, which are numbers below the order of the curve."""
    into(case, tuple(CURVES))
    order, size = ORDERS[case.algorithm], CURVES[case.algorithm][2]

    def rewrite(data: bytes) -> bytes:
        r, s = change(int.from_bytes(data[:size], "big"), int.from_bytes(data[size:], "big"), order)
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    case.signature.append(rewrite)


for what, halved in {
    "ec-other-s": lambda r, s, n: (r, n - s),
    "ec-r-zero": lambda r, s, n: (0, s),
    "ec-s-zero": lambda r, s, n: (r, 0),
    "ec-r-order": lambda r, s, n: (n, s),
    "ec-s-order": lambda r, s, n: (r, n),
    "ec-swapped": lambda r, s, n: (s, r),
    "ec-both-one": lambda r, s, n: (1, 1),
    "ec-both-zero": lambda r, s, n: (0, 0),
}.items():
    AREA.add(what, partial(halves, halved))


@AREA.kind("ec-der")
def ec_der(case: Case) -> None:
    into(case, tuple(CURVES))
    size = CURVES[case.algorithm][2]
    case.signature.append(
        lambda data: encode_dss_signature(int.from_bytes(data[:size], "big"), int.from_bytes(data[size:], "big"))
    )


@AREA.kind("ec-halves-longer")
def ec_longer(case: Case) -> None:
    into(case, tuple(CURVES))
    size = CURVES[case.algorithm][2]
    case.signature.append(lambda data: b"\0" + data[:size] + b"\0" + data[size:])


@AREA.kind("ed25519-plus-order")
def edwards_plus_order(case: Case) -> None:
    into(case, ("EdDSA", "Ed25519"))

    def rewrite(data: bytes) -> bytes:
        scalar = int.from_bytes(data[32:], "little") + ED25519_ORDER
        return data[:32] + (scalar % (1 << 256)).to_bytes(32, "little")

    case.signature.append(rewrite)


@SWAP.kind("not-on-the-list")
def not_on_the_list(case: Case) -> None:
    case.algorithms = [name for name in ("RS256", "ES256", "PS256") if name != case.algorithm][:2]


@SWAP.kind("header-only")
def header_only(case: Case) -> None:
    """The header names another algorithm that is allowed; the signature stays."""
    other = case.random.choice(
        [name for name in ("RS256", "RS512", "PS256", "ES256", "ES384", "EdDSA") if name != case.algorithm]
    )
    case.header.set("alg", other)
    case.algorithms = [case.algorithm, other]


def same_key(first: tuple[str, ...], names: dict[str, str | None], case: Case) -> None:
    """The key signs with another algorithm than the one that its JWK names, and the list has both."""
    into(case, first)
    options = [name for name in RSA_ALGORITHMS if name != case.algorithm]
    case.own["alg"] = case.algorithm
    other = case.random.choice(options)
    case.header.set("alg", other)
    case.algorithms = [case.algorithm, other]
    case.algorithm = other
    if names:
        case.own.update(names)


SWAP.add("rsa-key-named-for-another", partial(same_key, RSA_ALGORITHMS, {}))
SWAP.add("rsa-key-named-for-encryption", partial(same_key, RSA_ALGORITHMS, {"alg": "RSA-OAEP"}))
SWAP.add("rsa-key-named-for-hmac", partial(same_key, RSA_ALGORITHMS, {"alg": "HS256"}))
SWAP.add("rsa-key-with-no-name", partial(same_key, RSA_ALGORITHMS, {"alg": None}))


@SWAP.kind("other-curve")
def other_curve(case: Case) -> None:
    """The curve's key signs with the digest of another curve's algorithm."""
    into(case, tuple(CURVES))
    other = case.random.choice([name for name in CURVES if name != case.algorithm])
    case.header.set("alg", other)
    case.algorithms = [case.algorithm, other]
    case.own.pop("alg", None)
    case.algorithm = other


@SWAP.kind("edwards-names")
def edwards_names(case: Case) -> None:
    """One name of the algorithm in the header, the other in the key and on the list."""
    into(case, ("EdDSA", "Ed25519"))
    other = "Ed25519" if case.algorithm == "EdDSA" else "EdDSA"
    case.own["alg"] = other
    case.algorithms = [other, case.algorithm]


@SWAP.kind("secp256k1-as-es256")
def secp256k1(case: Case) -> None:
    into(case, ("ES256",))
    case.signer = case.keys.secp256k1
    case.own.update(case.signer.jwk)
    case.own.pop("alg", None)
