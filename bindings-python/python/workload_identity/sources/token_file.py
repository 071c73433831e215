"""A token file, as Kubernetes projects it."""

from __future__ import annotations

import os

from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal


class TokenFile(Source):
    """A token file, e.g. a projected service account token of Kubernetes.

    The file is read again shortly before its token expires.

    Args:
        path: Path of the file.
        format: `text`, or `json` with `field`.
        field: The member of the JSON object that holds the token.
    """

    __slots__ = ("field", "format", "path")

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        format: Literal["text", "json"] | None = None,
        field: str | None = None,
    ) -> None:
        self.path = os.fspath(path)
        self.format = format
        self.field = field

    def describe(self) -> dict[str, Any]:
        return members("file", path=self.path, format=self.format, field=self.field)

    def __repr__(self) -> str:
        return f"TokenFile({self.path!r})"
