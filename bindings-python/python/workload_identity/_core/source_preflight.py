"""The preflight of a token source: asks it for its token without an exchange (docs/protocol.md, section 10)."""

from __future__ import annotations

import os
import time
from json import loads

from .. import _native
from ..trust import preflight_of
from . import log
from .credential_settings import error_of
from .driver import decode, now
from .effect_report import effect_line
from .effects import perform, perform_async

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..trust import Preflight
    from .effects import Effect, Outcome, Performer


class _Run:
    """One preflight: what both loops share."""

    __slots__ = ("_began", "_cause", "_machine")

    def __init__(self, config: bytes) -> None:
        self._cause: Exception | None = None
        self._began = 0.0
        try:
            self._machine = _native.SourcePreflight(config, os.urandom(32))
        except ValueError as failure:
            raise error_of(failure) from None

    def effect(self) -> Effect | None:
        text = self._machine.effect(now())
        self._began = time.monotonic()
        return decode(text)[0] if text else None

    def answer(self, effect: Effect, outcome: Outcome, cause: Exception | None) -> None:
        if log.is_debug_enabled():
            log.debug("%s", effect_line(effect, outcome, time.monotonic() - self._began))
        self._cause = cause
        self._machine.answer(*outcome, now())

    def report(self) -> Preflight:
        try:
            return preflight_of(loads(self._machine.report()))
        except ValueError as failure:
            raise error_of(failure) from self._cause


def examine(config: bytes, performer: Performer) -> Preflight:
    """Asks the source in this thread."""
    run = _Run(config)
    while effect := run.effect():
        run.answer(effect, *perform(performer, effect))
    return run.report()


async def examine_async(config: bytes, performer: Performer) -> Preflight:
    """Asks the source on the running event loop."""
    run = _Run(config)
    while effect := run.effect():
        run.answer(effect, *await perform_async(performer, effect))
    return run.report()
