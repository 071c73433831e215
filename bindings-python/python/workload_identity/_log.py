"""The logger `workload_identity`. It says what happened to whom, and never holds a token.

`logging` is not imported for it: before the application does so, nobody can listen.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging

_logger: logging.Logger | None = None


def heard() -> bool:
    """Whether anybody listens at debug level."""
    global _logger
    if _logger is None:
        module = sys.modules.get("logging")
        if module is None:
            return False
        _logger = module.getLogger("workload_identity")
    return _logger.isEnabledFor(10)


def debug(message: str, *args: object) -> None:
    """Logs at debug level."""
    if heard() and _logger is not None:
        _logger.debug(message, *args)
