"""The sources of the workload's own token.

Without a source, the environment decides: `AZURE_FEDERATED_TOKEN_FILE` first, then GitHub Actions.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import Any, Literal

    Assertion = str | bytes
    Ask = Callable[[], Assertion | Awaitable[Assertion]]
    AskFor = Callable[[dict[str, Any]], Assertion | Awaitable[Assertion]]
    Sign = Callable[[bytes], bytes | Awaitable[bytes]]
    Algorithm = Literal["PS256", "RS256", "ES256", "ES384", "EdDSA", "Ed25519"]


class Source:
    """Base of the sources of this package."""

    __slots__ = ()

    def describe(self) -> dict[str, Any]:
        """Returns the object `source` of the core's configuration (docs/protocol.md, section 3)."""
        raise NotImplementedError

    def ask(self, purpose: dict[str, Any]) -> Assertion | Awaitable[Assertion]:
        """Performs the effect `ask_host`; `purpose` is its payload."""
        raise LookupError("this source has no callback")

    def sign(self, data: bytes) -> bytes | Awaitable[bytes]:
        """Performs the effect `sign`."""
        raise LookupError("this source has no key")


class TokenFile(Source):
    """A token file, e.g. a projected service account token of Kubernetes.

    The file is read again shortly before its token expires.
    """

    __slots__ = ("path",)

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)

    def describe(self) -> dict[str, Any]:
        return {"kind": "file", "path": self.path}

    def __repr__(self) -> str:
        return f"TokenFile({self.path!r})"


class GitHubActions(Source):
    """The ID token of a GitHub Actions job, or of Forgejo Actions, which has the same protocol.

    Args:
        audience: Audience of the token; by default the cloud's exchange audience.
        request_url: By default `ACTIONS_ID_TOKEN_REQUEST_URL` of the environment.
        request_token: By default `ACTIONS_ID_TOKEN_REQUEST_TOKEN` of the environment.
    """

    __slots__ = ("_request_token", "audience", "request_url")

    def __init__(
        self,
        audience: str | None = None,
        *,
        request_url: str | None = None,
        request_token: str | None = None,
    ) -> None:
        self.audience = audience
        self.request_url = request_url or os.environ.get("ACTIONS_ID_TOKEN_REQUEST_URL")
        self._request_token = request_token or os.environ.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN")

    def describe(self) -> dict[str, Any]:
        if not self.request_url or not self._request_token:
            # The core reports what is missing: see `credential_settings.config`.
            return {}
        source = {
            "kind": "github",
            "request_url": self.request_url,
            "request_token": self._request_token,
        }
        if self.audience is not None:
            source["audience"] = self.audience
        return source

    def __repr__(self) -> str:
        return f"GitHubActions(audience={self.audience!r}, request_url={self.request_url!r})"


class Callback(Source):
    """A function of the application that returns the assertion, a JWT. With asyncio it may be a coroutine function.

        Callback(lambda: vault.read("jwt"))

    Pass one of the two functions.

    Args:
        ask: A function without arguments that returns the assertion.
        ask_for: A function that gets the purpose of the assertion and returns it. The purpose is a mapping with
            `token_endpoint` and `correlation_id` and, if they are known, `tenant_id`, `client_id`, `audience` and
            `claims`.
    """

    __slots__ = ("_ask", "_takes_purpose")

    def __init__(self, ask: Ask | None = None, *, ask_for: AskFor | None = None) -> None:
        function = ask_for if ask is None else ask
        if not callable(function) or (ask is not None and ask_for is not None):
            raise TypeError("a callback source needs one function that returns the assertion")
        self._ask: Any = function
        self._takes_purpose = ask is None

    def describe(self) -> dict[str, Any]:
        return {"kind": "callback"}

    def ask(self, purpose: dict[str, Any]) -> Assertion | Awaitable[Assertion]:
        answer: Assertion | Awaitable[Assertion]
        answer = self._ask(purpose) if self._takes_purpose else self._ask()
        return answer

    def __repr__(self) -> str:
        return f"Callback({getattr(self._ask, '__qualname__', type(self._ask).__name__)})"


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
