"""What the synchronous and the asyncio management of credentials share: settings, requests, tokens, forks, closing."""

from __future__ import annotations

import os
from json import dumps

from .. import _native
from ..errors import from_wire, invalid_argument
from ..federated_credential import (
    Applied,
    FederatedCredential,
    Plan,
    TrustFile,
    applied_of,
    credential_of,
    plan_of,
)
from .credential_settings import error_of
from .driver import JsonHost, now
from .effects import Performer
from .forks import reset_after_fork

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, NoReturn, TypeAlias

    from ..transport import AsyncTransport, Transport

    # A credential: ours, or a mapping of its members.
    AnyCredential: TypeAlias = "FederatedCredential | Mapping[str, Any]"
    # The wanted credentials: a list, a trust file, or its path.
    Wanted: TypeAlias = "Iterable[AnyCredential] | TrustFile | str | os.PathLike[str]"


class BaseFederatedCredentials:
    """Base of both classes."""

    __slots__ = ("__weakref__", "_closed", "_config", "_host", "_identity", "_performer")

    def _open(
        self,
        credential: Any,
        transport: Transport | AsyncTransport,
        *,
        identity: Mapping[str, str | None],
        timeout: float | None,
        allowed_networks: Iterable[str] | None,
        **members: Any,
    ) -> None:
        self._identity = {name: value for name, value in identity.items() if value is not None}
        if not callable(getattr(credential, "get_token", None)):
            raise invalid_argument(
                "config_invalid",
                "credential must have `get_token`: a WorkloadIdentity or another credential of azure-core's protocols",
            )
        chosen = {name: value for name, value in members.items() if value is not None}
        try:
            if timeout is not None:
                chosen["timeout_ms"] = int(timeout * 1000)
            if allowed_networks is not None:
                chosen["allowed_networks"] = list(allowed_networks)
            self._config = dumps({**chosen, "identity": self._identity}, allow_nan=False).encode()
        except (TypeError, ValueError, OverflowError):
            raise invalid_argument(
                "config_invalid",
                "a setting has a wrong type: strings are str, timeout is a number of seconds, allowed_networks is a list",
            ) from None
        self._performer = Performer(transport, None, None, credential=credential)
        self._closed = False
        self._host = JsonHost(self._machine())
        reset_after_fork(self)

    def _machine(self) -> _native.Manager:
        try:
            return _native.Manager(self._config)
        except ValueError as failure:
            raise error_of(failure) from None

    def _begin(self, operation: str, timeout: float | None, **members: Any) -> int:
        """Registers a request. Returns its ticket, which must be driven."""
        if self._closed:
            raise invalid_argument("misuse", "the object is closed")
        try:
            form = {"operation": operation, **members}
            if timeout is not None:
                form["deadline"] = now() + int(timeout * 1000)
            text = dumps(form, allow_nan=False).encode()
        except (TypeError, ValueError, OverflowError, RecursionError):
            raise invalid_argument(
                "request_invalid",
                "members of a credential are str, and timeout is a number of seconds",
            ) from None
        return self._host.engine.begin(text)

    def _wanted(self, credentials: Wanted, prune: bool) -> dict[str, Any]:
        """Returns the members of a request to plan or apply."""
        if isinstance(credentials, (str, os.PathLike)):
            credentials = TrustFile.read(credentials)
        members: dict[str, Any] = {"prune": bool(prune)}
        if isinstance(credentials, TrustFile):
            # A file of another identity is refused.
            members["identity"] = credentials.identity
            credentials = credentials.credentials
        members["credentials"] = [wire_of(each) for each in _listed(credentials)]
        return members

    def _mark_closed(self) -> None:
        self._closed = True
        self._performer.closed = True

    def _after_fork(self) -> None:
        """Makes a new host for the child."""
        self._host = JsonHost(self._machine())

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} holds a credential and locks and cannot be pickled or copied"
        )

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self._identity.items())
        return f"<{type(self).__module__}.{type(self).__name__} {shown}>"


def wire_of(credential: AnyCredential) -> dict[str, Any]:
    """Returns a credential as the core takes it."""
    if isinstance(credential, FederatedCredential):
        credential = credential._asdict()
    try:
        return {
            name: value
            for name, value in dict(credential).items()
            if value is not None and name != "id"
        }
    except (TypeError, ValueError):
        raise invalid_argument(
            "request_invalid", "a credential is a FederatedCredential or a mapping of its members"
        ) from None


def credential_from_step(step: Mapping[str, Any]) -> FederatedCredential:
    """Returns the credential of the step `done`."""
    return credential_of(step["value"]["credential"])


def credentials_from_step(step: Mapping[str, Any]) -> list[FederatedCredential]:
    """Returns the credentials of the step `done`."""
    return [credential_of(form) for form in step["value"]["credentials"]]


def plan_from_step(step: Mapping[str, Any]) -> Plan:
    """Returns the plan of the step `done`."""
    return plan_of(step["value"])


def applied_from_step(step: Mapping[str, Any]) -> Applied:
    """Returns the report of the step `done`, or raises the error of the first change that failed, with the report."""
    applied = applied_of(step["value"])
    if applied.complete:
        return applied
    error = from_wire(step["value"]["error"])
    error.applied = applied
    raise error


def _listed(credentials: Any) -> list[AnyCredential]:
    # A single credential is iterable, too: its items would be taken for credentials.
    if isinstance(credentials, FederatedCredential):
        return [credentials]
    try:
        return list(credentials)
    except TypeError:
        raise invalid_argument(
            "request_invalid",
            "`credentials` is a list of credentials, a TrustFile, or the path of one",
        ) from None
