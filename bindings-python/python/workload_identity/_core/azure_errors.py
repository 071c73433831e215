"""Makes the errors of this package errors of azure-core and azure-identity as well, where those are installed.

`ChainedTokenCredential` asks its next credential after a `CredentialUnavailableError` only. The first error imports
azure-core, because an import of this package must not; one that follows a time limit does not wait for that import.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The workload has no such source here; another credential may have one.
UNAVAILABLE = frozenset(
    (
        "environment_incomplete",
        "github_permission_missing",
        "source_not_found",
        "token_file_missing",
    )
)

# Attributes of azure-core's errors. Their constructors do not run, since they take other arguments.
_ATTRIBUTES = (
    "continuation_token",
    "error",
    "exc_msg",
    "exc_traceback",
    "exc_type",
    "exc_value",
    "inner_exception",
    "model",
    "reason",
    "response",
    "status_code",
)


def is_imported() -> bool:
    """Returns whether azure-core has been imported by another package."""
    return "azure.core.exceptions" in sys.modules


def add_bases(base: type[Any], authentication: tuple[type[Any], ...]) -> None:
    """Adds azure-core's classes to the bases of the direct subclasses of `base`.

    Args:
        base: The class that all errors of this package derive from.
        authentication: Those that become `ClientAuthenticationError`s; the others become `AzureError`s.
    """
    try:
        from azure.core.exceptions import AzureError, ClientAuthenticationError
    except Exception:
        # Not installed, or broken: neither may hide the error that is being raised.
        return
    for name in _ATTRIBUTES:
        if not hasattr(base, name):
            setattr(base, name, None)
    for own in base.__subclasses__():
        if own.__bases__ == (base,):
            own.__bases__ = (
                base,
                ClientAuthenticationError if own in authentication else AzureError,
            )


def unavailable_class(own: type[Any]) -> type[Any]:
    """Returns a class that derives from `own` and from azure-identity's `CredentialUnavailableError`.

    Returns:
        `own` itself if azure-identity is not installed.
    """
    try:
        from azure.identity import CredentialUnavailableError
    except Exception:
        return own
    if issubclass(own, CredentialUnavailableError):
        return own
    members = {
        "__module__": own.__module__,
        "__qualname__": own.__qualname__,
        "__doc__": own.__doc__,
    }
    return type(own.__name__, (own, CredentialUnavailableError), members)
