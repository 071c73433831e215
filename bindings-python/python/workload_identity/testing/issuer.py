"""An issuer of test tokens, whose verifier needs no network."""

from __future__ import annotations

from time import time

from . import token_shapes
from .signing_key import SigningKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from typing_extensions import Self

    from .. import aio
    from ..issuers import Issuer
    from ..verifier import TokenVerifier, VerifiedToken


class TestIssuer:
    """An issuer with a key of its own. Make it with `oidc`, `entra`, `github` or `kubernetes`.

        issuer = TestIssuer.github("octo/app", audience="api://deploy")
        verifier = issuer.verifier(repository="octo/app")
        verifier.verify(issuer.token())
        verifier.verify(issuer.forged_token())      # raises TokenError, signature_invalid

    Attributes:
        audience: The audience of its tokens.
        claims: The claims that each token has beside `aud`, `iat`, `nbf` and `exp`.
    """

    # pytest would collect a class of this name as tests.
    __test__ = False

    def __init__(
        self, kind: str, claims: Mapping[str, Any], audience: str, **members: Any
    ) -> None:
        self.audience = audience
        self.claims = dict(claims)
        self._kind = kind
        self._members = members
        self._key = SigningKey("test-key")

    @classmethod
    def oidc(
        cls,
        issuer: str = "https://issuer.example",
        *,
        audience: str = "api://test",
        subject: str = "test-subject",
    ) -> Self:
        """An OpenID Connect issuer; `TokenVerifier.oidc` verifies its tokens."""
        return cls("oidc", {"iss": issuer, "sub": subject}, audience, issuer=issuer)

    @classmethod
    def entra(
        cls,
        *,
        tenant_id: str = token_shapes.TENANT_ID,
        audience: str = "api://test",
        version: int = 2,
    ) -> Self:
        """An Entra tenant whose tokens are an application's; `version` is 1 or 2.

        A user's token has other claims: `token(idtyp=None, sub="...", scp="Orders.Read")`.
        """
        if version not in token_shapes.ENTRA_ISSUERS:
            raise ValueError(f"version is {version!r}, not 1 or 2")
        claims = token_shapes.entra(tenant_id, version)
        return cls("entra", claims, audience, tenant_id=tenant_id)

    @classmethod
    def github(
        cls,
        repository: str = "octo/app",
        *,
        audience: str = "api://test",
        ref: str = "refs/heads/main",
        environment: str | None = None,
    ) -> Self:
        """GitHub Actions, with the token of a job of this repository."""
        return cls("github", token_shapes.github(repository, ref, environment), audience)

    @classmethod
    def kubernetes(
        cls,
        issuer: str = "https://cluster.example",
        *,
        namespace: str = "default",
        service_account: str = "default",
        audience: str = "api://test",
    ) -> Self:
        """A cluster, with the token of a pod's service account."""
        claims = token_shapes.kubernetes(issuer, namespace, service_account)
        return cls("kubernetes", claims, audience, issuer=issuer)

    def jwks(self) -> dict[str, Any]:
        """Returns the public keys as a JWK Set (RFC 7517, section 5)."""
        return {"keys": [self._key.jwk()]}

    def trusted(self, **rules: Any) -> Issuer:
        """Returns this issuer for `TokenVerifier([...])`, with rules such as `roles=["Orders.Read"]`."""
        from ..issuers import Issuer

        kind = getattr(Issuer, self._kind)
        issuer: Issuer = kind(
            audience=self.audience, keys=self.jwks(), **{**self._members, **rules}
        )
        return issuer

    def verifier(self, **rules: Any) -> TokenVerifier:
        """Returns a verifier that trusts this issuer alone and uses no network."""
        from ..verifier import TokenVerifier

        return TokenVerifier(self.trusted(**rules))

    def async_verifier(self, **rules: Any) -> aio.TokenVerifier:
        """Returns the asyncio verifier that trusts this issuer alone and uses no network."""
        from ..aio import TokenVerifier

        return TokenVerifier(self.trusted(**rules))

    def token(
        self,
        claims: Mapping[str, Any] | None = None,
        /,
        *,
        expires_in: float = 3600,
        header: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> str:
        """Returns a signed token.

            issuer.token(roles=["Orders.Read"])
            issuer.token({"kubernetes.io": {"namespace": "shop"}}, aud="api://other")

        Args:
            claims: Claims that replace the usual ones or are added. A claim whose value is `None` is left out.
            expires_in: Seconds until the token expires; negative for an expired one.
            header: Members that replace those of the header.
            more: More claims.
        """
        return self._signed(self._key, claims, expires_in, header, more)

    def expired_token(self, claims: Mapping[str, Any] | None = None, /, **more: Any) -> str:
        """Returns a token that expired an hour ago."""
        return self.token(claims, expires_in=-3600, **more)

    def forged_token(self, claims: Mapping[str, Any] | None = None, /, **more: Any) -> str:
        """Returns a token whose header names this issuer's key, but which another key has signed."""
        return self._signed(SigningKey(self._key.kid), claims, 3600, None, more)

    def verified(self, claims: Mapping[str, Any] | None = None, /, **more: Any) -> VerifiedToken:
        """Returns the verified claims of a token, for code that takes them as an argument."""
        return self.verifier().verify(self.token(claims, **more))

    def _signed(
        self,
        key: SigningKey,
        claims: Mapping[str, Any] | None,
        expires_in: float,
        header: Mapping[str, Any] | None,
        more: Mapping[str, Any],
    ) -> str:
        now = int(time())
        issued = min(now, now + int(expires_in) - 60)
        times = {"iat": issued, "nbf": issued, "exp": now + int(expires_in)}
        payload = {"aud": self.audience, **times, **self.claims, **(claims or {}), **more}
        return key.sign(
            {"alg": "RS256", "typ": "JWT", "kid": key.kid, **(header or {})},
            {name: value for name, value in payload.items() if value is not None},
        )

    def __repr__(self) -> str:
        return f"<TestIssuer {self.claims['iss']} for {self.audience!r}>"
