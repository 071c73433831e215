"""The logger `workload_identity`: debug messages about requests and results, never a token.

`logging` is not imported here, because that takes longer than the rest of the package. As long as the application has
not imported it, no handler exists that could receive a message.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging

_logger: logging.Logger | None = None


def is_debug_enabled() -> bool:
    """Returns whether debug messages are logged."""
    global _logger
    if _logger is None:
        module = sys.modules.get("logging")
        if module is None:
            return False
        _logger = module.getLogger("workload_identity")
    return _logger.isEnabledFor(10)


def debug(message: str, *args: object) -> None:
    """Logs a message at debug level."""
    if is_debug_enabled() and _logger is not None:
        _logger.debug(message, *args)
