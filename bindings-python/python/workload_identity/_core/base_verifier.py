"""What the synchronous and the asyncio verifier share: settings, the host, forks, closing."""

from __future__ import annotations

from typing import NamedTuple

from .. import _native
from ..errors import from_wire, invalid_argument
from ..issuers import Issuer, IssuerKinds
from . import log, verifier_settings
from .credential_settings import error_of
from .driver import Host, decode, now
from .effects import Performer
from .forks import reset_after_fork

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable
    from typing import Any, NoReturn

    from typing_extensions import Self

    from .._native import VerifiedToken
    from ..errors import WorkloadIdentityError
    from ..issuers import Names, PrivateAddresses
    from ..transport import AsyncTransport, Transport

    # `Verifier.check`: the verified token, the details of an error, or `None` if keys must be fetched.
    Check = Callable[[str, int], VerifiedToken | dict[str, Any] | None]

# The verifier's own options; the other arguments of a class method such as `github` are rules for the issuer.
_OWN_OPTIONS = (
    "leeway_seconds",
    "max_token_bytes",
    "cache_max_bytes",
    "timeout",
    "allow_loopback_http",
    "private_addresses",
    "allowed_networks",
    "dangerously_allow_rsa_1024",
    "transport",
    "ca_file",
    "ca_data",
)


class IssuerKeys(NamedTuple):
    """The keys of an issuer.

    Attributes:
        keys: Number of usable keys.
        unusable: The other keys: `key_id` if the key has one, `code` and `message`.
        key_set_age: Age of the key set in seconds; `None` if the keys were configured.
    """

    keys: int
    unusable: list[dict[str, str]]
    key_set_age: int | None


class VerifierHost(Host):
    """The host of a machine that verifies tokens."""

    __slots__ = ()

    engine: _native.Verifier

    def __init__(self, config: bytes) -> None:
        super().__init__(_native.Verifier(config))

    def poll(self, ticket: int) -> dict[str, Any]:
        """Returns the next step of a ticket, with the `VerifiedToken` of a step `done` as `verified`."""
        text, verified = self.engine.poll(ticket, now())
        step: dict[str, Any]
        step, _ = decode(text)
        step["verified"] = verified
        return step


class BaseVerifier(
    IssuerKinds[
        int,
        float,
        bool,
        "Transport | AsyncTransport",
        "str | os.PathLike[str]",
        "str | bytes",
        "PrivateAddresses",
        "Iterable[str]",
    ]
):
    """Base of both verifiers."""

    __slots__ = (
        "__weakref__",
        "_check",
        "_closed",
        "_config",
        "_host",
        "_issuers",
        "_refresh_checked_at",
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
        trusted = (issuers,) if isinstance(issuers, Issuer) else issuers
        self._config, self._issuers = verifier_settings.config(trusted, **options)
        self._performer = Performer(transport, None, None)
        self._closed = False
        try:
            self._use(VerifierHost(self._config))
        except ValueError as failure:
            raise error_of(failure) from None
        reset_after_fork(self)

    def _use(self, host: VerifierHost) -> None:
        self._host = host
        self._check: Check = host.engine.check
        # When the core was last asked for a due refresh, in unix milliseconds.
        self._refresh_checked_at = 0

    @classmethod
    def _of_entries(
        cls, profiles: tuple[str, ...], audience: Names | None, members: dict[str, Any]
    ) -> Self:
        own = {name: members.pop(name) for name in _OWN_OPTIONS if name in members}
        return cls(Issuer._of_entries(profiles, audience, members), **own)

    def snapshot(self) -> str:
        """Returns the fetched key sets as JSON, for `load_snapshot` of another verifier. They are public data."""
        return self._open_host().engine.snapshot(now()) or ""

    def load_snapshot(self, snapshot: str) -> int:
        """Loads the key sets of a snapshot, and returns how many were taken.

        A key set is taken if its URL is configured, if it is newer than the one at hand, and if it is not too old.

        Raises:
            TokenError: The text is not a snapshot.
        """
        try:
            return self._open_host().engine.load(verifier_settings.encoded(snapshot), now())
        except ValueError as failure:
            raise error_of(failure) from None

    def _rejection(self, details: dict[str, Any]) -> WorkloadIdentityError:
        if log.is_debug_enabled():
            log.debug("a token is refused: %s", details["code"])
        return from_wire(details)

    def _begin_token(self, host: VerifierHost, token: str, timeout: float | None) -> int:
        return host.engine.begin(verifier_settings.verification(token, timeout, now()))

    def _due_refresh(self, host: VerifierHost, moment: int) -> int:
        """Returns the ticket of a background refresh, or 0. Called at most once a second."""
        self._refresh_checked_at = moment
        return host.engine.refresh(moment)

    def _open_host(self) -> VerifierHost:
        """Returns the host. Raises `misuse` if the verifier is closed."""
        if self._closed:
            _raise_closed()
        return self._host

    def _mark_closed(self) -> None:
        self._closed = True
        self._check = _raise_closed

    def _after_fork(self) -> None:
        """Makes a new host for the child, with the keys of the parent's."""
        former, host = self._host, VerifierHost(self._config)
        keys = former.engine.snapshot(now(), wait=False)
        if keys is not None:
            host.engine.load(keys.encode(), now())
        self._use(host)
        if self._closed:
            self._mark_closed()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds locks and cannot be pickled or copied")

    def __repr__(self) -> str:
        return f"<{type(self).__module__}.{type(self).__name__} issuers={self._issuers}>"


def keys_of(step: dict[str, Any]) -> IssuerKeys:
    """Returns the value of the step `done` of a request for an issuer's keys."""
    value = step["value"]
    return IssuerKeys(value["keys"], value["unusable"], value.get("key_set_age"))


def _raise_closed(*args: object) -> NoReturn:
    raise invalid_argument("misuse", "the verifier is closed")
