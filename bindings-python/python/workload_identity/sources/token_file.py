"""A token file, as Kubernetes projects it."""

from __future__ import annotations

import os

from .source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class TokenFile(Source):
    """A token file, e.g. a projected service account token of Kubernetes.

    The file is read again shortly before its token expires.
    """

    __slots__ = ("path",)

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)

    def describe(self) -> dict[str, Any]:
        return {"kind": "file", "path": self.path}

    def __repr__(self) -> str:
        return f"TokenFile({self.path!r})"
