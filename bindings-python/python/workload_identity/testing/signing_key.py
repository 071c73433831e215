"""An RSA key that signs test tokens."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_BITS = 2048
_EXPONENT = 65537


class SigningKey:
    """A new RSA key of 2048 bits, which signs with RS256 (RFC 7518, section 3.3)."""

    def __init__(self, kid: str) -> None:
        try:
            from cryptography.hazmat.primitives.asymmetric import rsa
        except ImportError:
            raise ImportError(
                "test tokens are signed with `cryptography`: "
                "pip install workload-identity-federation[testing]"
            ) from None
        self.kid = kid
        self._key = rsa.generate_private_key(public_exponent=_EXPONENT, key_size=_BITS)

    def jwk(self) -> dict[str, Any]:
        """Returns the public key (RFC 7517)."""
        numbers = self._key.public_key().public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "kid": self.kid,
            "n": _encoded(numbers.n.to_bytes(_BITS // 8, "big")),
            "e": _encoded(numbers.e.to_bytes(3, "big")),
        }

    def sign(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
        """Returns a token in compact form (RFC 7515, section 7.1)."""
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        data = ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
        return f"{data}.{_encoded(self._key.sign(data.encode(), PKCS1v15(), SHA256()))}"


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
