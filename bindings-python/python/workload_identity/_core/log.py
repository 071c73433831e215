"""The logger `workload_identity`: debug messages about requests and results, never a token.

`logging` is not imported here, because that takes longer than the rest of the package. As long as the application has
not imported it, no handler exists that could receive a message.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from collections.abc import Mapping

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


def detected(environment: Mapping[str, str] | None, paths: list[str] | None) -> None:
    """Logs which token source the environment offers and why, and which others it offers, too."""
    if not is_debug_enabled():
        return
    from ..detection import detect_sources

    found = [source for source in detect_sources(environment, paths) if source.detected]
    for source in found[:1]:
        debug("token source %s: %s", source.name, source.why)
    for source in found[1:]:
        debug("token source %s is not used, %s comes first: %s", source.name, found[0].name, source.why)


def debug(message: str, *args: object) -> None:
    """Logs a message at debug level."""
    if is_debug_enabled() and _logger is not None:
        _logger.debug(message, *args)
