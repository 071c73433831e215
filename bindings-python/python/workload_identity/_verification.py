"""What the synchronous and the asyncio verifier share: settings, makers, the machine, fork, closing."""

from __future__ import annotations

from . import _log, _native, _settings, _verifier_settings
from ._driver import Host, now
from ._effects import Performer
from ._forks import outlives_forks
from .errors import by_caller, from_wire
from .issuers import Issuer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Literal, NamedTuple, NoReturn

    from typing_extensions import Self, Unpack

    from ._native import VerifiedToken
    from .errors import WorkloadIdentityError
    from .issuers import Names, Rules
    from .transport import AsyncTransport, Transport

    class Options(Rules, total=False):
        """Rules for the issuer (see `issuers`), and the verifier's own options (see `TokenVerifier`)."""

        leeway_seconds: int
        max_token_bytes: int
        cache_max_bytes: int
        timeout: float
        allow_loopback_http: bool
        dangerously_allow_rsa_1024: bool
        transport: Transport | AsyncTransport

    # A native verdict: accepted, the details of a refusal, or to be driven.
    Check = Callable[[str, int], VerifiedToken | dict[str, Any] | None]

    class IssuerKeys(NamedTuple):
        """The keys of an issuer.

        Attributes:
            keys: How many may be used.
            unusable: The others: `key_id` if it has one, `code` and `message`.
            key_set_age: How old the set is in seconds; `None` for keys given directly.
        """

        keys: int
        unusable: list[dict[str, str]]
        key_set_age: int | None

else:
    from collections import namedtuple

    IssuerKeys = namedtuple("IssuerKeys", "keys unusable key_set_age")

# The verifier's own options; everything else that a maker is given is a rule for the issuer.
_OWN = (
    "leeway_seconds",
    "max_token_bytes",
    "cache_max_bytes",
    "timeout",
    "allow_loopback_http",
    "dangerously_allow_rsa_1024",
    "transport",
)


class VerifierHost(Host):
    """A verifying machine with everything that waits for it."""

    __slots__ = ()

    engine: _native.Verifier

    def __init__(self, config: bytes) -> None:
        super().__init__(_native.Verifier(config))

    def done(self, ticket: int, step: dict[str, Any]) -> dict[str, Any]:
        """The step, and what was verified beside it."""
        step["verified"] = self.engine.verified(ticket, now())
        return step


class Verification:
    """Base of both verifiers."""

    __slots__ = (
        "__weakref__",
        "_check",
        "_closed",
        "_config",
        "_host",
        "_issuers",
        "_looked",
        "_performer",
    )

    def __init__(self, issuers: Issuer | Iterable[Issuer], **options: Any) -> None:
        raise NotImplementedError

    def _open(
        self,
        issuers: Issuer | Iterable[Issuer],
        transport: Transport | AsyncTransport,
        **options: Any,
    ) -> None:
        trusted = (issuers,) if isinstance(issuers, Issuer) else tuple(issuers)
        self._config, self._issuers = _verifier_settings.config(trusted, **options)
        self._performer = Performer(transport, None, None)
        self._closed = False
        try:
            self._serve(VerifierHost(self._config))
        except ValueError as failure:
            raise _settings.refused(failure) from None
        outlives_forks(self)

    def _serve(self, host: VerifierHost) -> None:
        self._host = host
        self._check: Check = host.engine.check
        # When a background refresh was looked for.
        self._looked = 0

    @classmethod
    def _of(cls, make: Callable[..., Issuer], *args: Any, **given: Any) -> Self:
        own = {name: given.pop(name) for name in _OWN if name in given}
        return cls(make(*args, **given), **own)

    @classmethod
    def entra(
        cls,
        tenant_id: str,
        audience: Names,
        *,
        cloud: str | None = None,
        app_id: str | None = None,
        **options: Unpack[Options],
    ) -> Self:
        """A verifier of one tenant's access tokens; see `Issuer.entra`."""
        return cls._of(Issuer.entra, tenant_id, audience, cloud=cloud, app_id=app_id, **options)

    @classmethod
    def entra_multi_tenant(
        cls,
        tenants: Iterable[str] | Literal["any"],
        audience: Names,
        *,
        cloud: str | None = None,
        **options: Unpack[Options],
    ) -> Self:
        """A verifier for an application of several tenants; see `Issuer.entra_multi_tenant`."""
        return cls._of(Issuer.entra_multi_tenant, tenants, audience, cloud=cloud, **options)

    @classmethod
    def github(
        cls,
        audience: Names,
        *,
        repository: Names | None = None,
        repository_owner: Names | None = None,
        ref: Names | None = None,
        environment: Names | None = None,
        job_workflow_ref: Names | None = None,
        subject: str | None = None,
        issuer: str | None = None,
        **options: Unpack[Options],
    ) -> Self:
        """A verifier of GitHub Actions' tokens; see `Issuer.github`."""
        return cls._of(
            Issuer.github,
            audience,
            repository=repository,
            repository_owner=repository_owner,
            ref=ref,
            environment=environment,
            job_workflow_ref=job_workflow_ref,
            subject=subject,
            issuer=issuer,
            **options,
        )

    @classmethod
    def gitlab(
        cls,
        audience: Names,
        *,
        project_path: Names | None = None,
        namespace_path: Names | None = None,
        ref: Names | None = None,
        environment: Names | None = None,
        subject: str | None = None,
        issuer: str | None = None,
        **options: Unpack[Options],
    ) -> Self:
        """A verifier of GitLab CI's tokens; see `Issuer.gitlab`."""
        return cls._of(
            Issuer.gitlab,
            audience,
            project_path=project_path,
            namespace_path=namespace_path,
            ref=ref,
            environment=environment,
            subject=subject,
            issuer=issuer,
            **options,
        )

    @classmethod
    def kubernetes(
        cls,
        issuer: Names,
        audience: Names,
        *,
        namespace: Names | None = None,
        service_account: Names | None = None,
        **options: Unpack[Options],
    ) -> Self:
        """A verifier of a cluster's service account tokens; see `Issuer.kubernetes`."""
        return cls._of(
            Issuer.kubernetes,
            issuer,
            audience,
            namespace=namespace,
            service_account=service_account,
            **options,
        )

    @classmethod
    def google(
        cls,
        audience: Names,
        *,
        email: Names | None = None,
        subject: str | None = None,
        **options: Unpack[Options],
    ) -> Self:
        """A verifier of Google's ID tokens; see `Issuer.google`."""
        return cls._of(Issuer.google, audience, email=email, subject=subject, **options)

    @classmethod
    def spiffe(cls, trust_domain: Names, audience: Names, **options: Unpack[Options]) -> Self:
        """A verifier of JWT-SVIDs; see `Issuer.spiffe`."""
        return cls._of(Issuer.spiffe, trust_domain, audience, **options)

    @classmethod
    def oidc(cls, issuer: Names, audience: Names, **options: Unpack[Options]) -> Self:
        """A verifier of any OpenID Connect issuer's tokens; see `Issuer.oidc`."""
        return cls._of(Issuer.oidc, issuer, audience, **options)

    def snapshot(self) -> str:
        """The key sets at hand as JSON, to be kept and loaded elsewhere. Public data."""
        return self._serving().engine.snapshot(now()) or ""

    def load_snapshot(self, snapshot: str) -> int:
        """Takes the key sets of a snapshot that are newer than those at hand, of a configured address, and not too
        old. Returns how many.

        Raises:
            TokenError: It is not a snapshot.
        """
        try:
            return self._serving().engine.load(_verifier_settings.encoded(snapshot), now())
        except ValueError as failure:
            raise _settings.refused(failure) from None

    def _refusal(self, details: dict[str, Any]) -> WorkloadIdentityError:
        if _log.heard():
            _log.debug("a token is refused: %s", details["code"])
        return from_wire(details)

    def _begin_token(self, host: VerifierHost, token: str, timeout: float | None) -> int:
        return host.engine.begin(_verifier_settings.verification(token, timeout, now()))

    def _due(self, host: VerifierHost, moment: int) -> int:
        """The ticket of a background refresh, or 0; asked once a second at most."""
        self._looked = moment
        return host.engine.refresh(moment)

    def _serving(self) -> VerifierHost:
        """The host, while the verifier is open."""
        if self._closed:
            _closed()
        return self._host

    def _forget(self) -> None:
        self._closed = True
        self._check = _closed

    def _after_fork(self) -> None:
        """A child has its own machine, seed, locks and waiters. The keys at hand are still good."""
        former, host = self._host, VerifierHost(self._config)
        keys = former.engine.snapshot(now(), False)
        if keys is not None:
            host.engine.load(keys.encode(), now())
        self._serve(host)
        if self._closed:
            self._forget()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds locks and cannot be pickled or copied")

    def __repr__(self) -> str:
        return f"<{type(self).__module__}.{type(self).__name__} issuers={self._issuers}>"


def keys_of(step: dict[str, Any]) -> IssuerKeys:
    """What a step says of an issuer's keys."""
    value = step["value"]
    return IssuerKeys(value["keys"], value["unusable"], value.get("key_set_age"))


def _closed(*args: object) -> NoReturn:
    raise by_caller("misuse", "the verifier is closed")
