"""A client assertion that the application signs."""

from __future__ import annotations

from .source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import Any, Literal

    Sign = Callable[[bytes], bytes | Awaitable[bytes]]
    Algorithm = Literal["PS256", "RS256", "ES256", "ES384", "EdDSA", "Ed25519"]


class Signed(Source):
    """A client assertion (RFC 7523, section 2.2) that this package builds and the application signs.

        Signed("key-1", "ES256", vault.sign)

    Args:
        key: The application's name for the key.
        algorithm: JWS algorithm of the key.
        sign: Gets the signing input and returns the signature as JOSE defines it (for ECDSA: r and s, each of full
            width). With asyncio it may be a coroutine function.
        x5t_s256: Thumbprint of the certificate, base64url (RFC 7515, section 4.1.8).
        x5c: Certificate chain, base64 (RFC 7515, section 4.1.6).
        public_jwk: The public key. If it is given, each signature is checked before it is sent.
    """

    __slots__ = ("_sign", "algorithm", "key", "public_jwk", "x5c", "x5t_s256")

    def __init__(
        self,
        key: str,
        algorithm: Algorithm,
        sign: Sign,
        *,
        x5t_s256: str | None = None,
        x5c: list[str] | None = None,
        public_jwk: Mapping[str, Any] | None = None,
    ) -> None:
        if not callable(sign):
            raise TypeError("a signed source needs a function that returns the signature")
        self.key = key
        self.algorithm = algorithm
        self.x5t_s256 = x5t_s256
        self.x5c = x5c
        self.public_jwk = public_jwk
        self._sign = sign

    def describe(self) -> dict[str, Any]:
        source: dict[str, Any] = {
            "kind": "signed",
            "key": self.key,
            "algorithm": self.algorithm,
        }
        if self.x5t_s256 is not None:
            source["x5t_s256"] = self.x5t_s256
        if self.x5c is not None:
            source["x5c"] = self.x5c
        if self.public_jwk is not None:
            source["public_jwk"] = dict(self.public_jwk)
        return source

    def sign(self, data: bytes) -> bytes | Awaitable[bytes]:
        return self._sign(data)

    def __repr__(self) -> str:
        return f"Signed(key={self.key!r}, algorithm={self.algorithm!r})"
