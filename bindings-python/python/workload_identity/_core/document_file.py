"""Reads files whose content the core parses: trust files and lists of credentials."""

from __future__ import annotations

from ..errors import invalid_argument
from ..verdict import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

# The core takes files of one MiB, and refuses a longer one.
_MAX_BYTES = 1024 * 1024


def read_document(path: str | os.PathLike[str], what: str) -> bytes:
    """Returns the content of a file, at most one byte more than the core takes.

    Raises:
        ConfigurationError: The file cannot be read; the message begins with `what` it is.
    """
    try:
        with open(path, "rb") as file:
            return file.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as failure:
        reason = getattr(failure, "strerror", None) or "the path is not valid"
        message = f"{what} `{escaped(str(path))}` cannot be read: {reason}"
        raise invalid_argument("config_invalid", message) from failure
