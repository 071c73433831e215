"""What the environment offers: the token sources of this process, and why each was found or not."""

from __future__ import annotations

import os
from json import dumps, loads
from typing import NamedTuple

from . import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class DetectedSource(NamedTuple):
    """A token source, and whether the environment offers it.

    Attributes:
        name: Name of the source, the `kind` of docs/protocol.md.
        detected: Whether its variables or files are there, even if one is missing or cannot be used.
        chosen: Whether `from_environment` uses it.
        why: What was found, or what was looked for.
        variables: The environment variables that it reads.
    """

    name: str
    detected: bool
    chosen: bool
    why: str
    variables: tuple[str, ...]


def detect_sources(
    environment: Mapping[str, str] | None = None, environment_paths: Iterable[str] | None = None
) -> list[DetectedSource]:
    """Reports on every token source in the order of detection. Makes no request.

        for source in detect_sources():
            print(source.name, source.chosen, source.why)

    Args:
        environment: Environment variables; those of the process by default.
        environment_paths: Paths that exist; those of this machine by default, or none with an `environment`.

    Raises:
        ConfigurationError: An argument has a wrong type.
    """
    from ._core.credential_settings import error_of, known_variables
    from .errors import invalid_argument

    try:
        variables = known_variables(os.environ) if environment is None else dict(environment)
        paths = list(environment_paths or ())
        if environment is None and environment_paths is None:
            paths = existing_paths()
        text = dumps({"environment": variables, "environment_paths": paths})
    except (TypeError, ValueError):
        raise invalid_argument(
            "config_invalid",
            "environment is a mapping of str to str, and environment_paths a list of str",
        ) from None
    try:
        rows = loads(_native.sources(text.encode()))
    except ValueError as failure:
        raise error_of(failure) from None
    return [DetectedSource(**{**row, "variables": tuple(row["variables"])}) for row in rows]


def existing_paths() -> list[str]:
    """Returns those of the paths that the core looks for which exist."""
    paths: list[str] = loads(_native.environment_paths())
    return [path for path in paths if os.path.exists(path)]
