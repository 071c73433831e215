"""The logger `workload_identity`. It says what happened to whom, and never holds a token.

`logging` is not imported for it: before the application does so, nobody can listen.
"""

from __future__ import annotations

import sys


def debug(message: str, *args: object) -> None:
    """Logs at debug level."""
    logging = sys.modules.get("logging")
    if logging is not None:
        logging.getLogger("workload_identity").debug(message, *args)
