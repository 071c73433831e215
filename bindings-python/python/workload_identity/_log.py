"""The logger `workload_identity`. It says what happened to whom, and never holds a token.

`logging` is not imported for it: before the application does so, nobody can listen.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logging import Logger

_logger: Logger | None = None


def debug(message: str, *args: object) -> None:
    """Logs at debug level."""
    global _logger
    if _logger is None:
        logging = sys.modules.get("logging")
        if logging is None:
            return
        _logger = logging.getLogger("workload_identity")
    _logger.debug(message, *args)
