"""The call `FetchJWTSVID` of the SPIFFE Workload API, by the package `spiffe`."""

from __future__ import annotations

import os

from ..transport import TransportFailure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..transport import Failure

# The failure words (docs/protocol.md, section 5) of gRPC's status codes. All others are `other`: another attempt is of no use.
_WORDS: dict[str, Failure] = {
    "PERMISSION_DENIED": "denied",
    "UNAVAILABLE": "refused",
    "DEADLINE_EXCEEDED": "timeout",
}


def fetch_jwt_svid(payload: dict[str, Any], timeout: float) -> str:
    """Returns the JWT-SVID for the effect's payload. Raises `TransportFailure`."""
    try:
        import spiffe
    except ImportError:
        raise TransportFailure(
            "unsupported", "`pip install 'workload-identity-federation[spiffe]'` installs the gRPC client"
        ) from None
    if "hint" in payload:
        raise TransportFailure(
            "unsupported", "the package `spiffe` does not return hints; name the `spiffe_id` instead"
        )
    path = payload["socket"].removeprefix("unix://")
    if path.startswith("/") and not os.path.exists(path):
        # The package has an error of configuration for it, as for others that no second attempt helps.
        raise TransportFailure("not_found", f"the socket {path} does not exist")
    identity = payload.get("spiffe_id")
    try:
        subject = None if identity is None else spiffe.SpiffeId(identity)
        with spiffe.WorkloadApiClient(payload["socket"]) as client:
            svid = client.fetch_jwt_svid(set(payload["audience"]), subject, timeout)
    except Exception as failure:
        raise _failure(failure) from None
    return str(svid.token)


def _failure(failure: Exception) -> TransportFailure:
    code = getattr(failure.__cause__, "code", None)
    if code is None:
        return TransportFailure("other", f"{type(failure).__name__}: {failure}")
    status = code()
    details = failure.__cause__.details() if failure.__cause__ is not None else ""  # type: ignore[attr-defined]
    return TransportFailure(_WORDS.get(status.name, "other"), f"{status.name}: {details}")
