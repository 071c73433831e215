"""A program that prints a token."""

from __future__ import annotations

from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Executable(Source):
    """A token that a program prints, by google-auth's contract for executables.

    It is not run by a shell.

    Args:
        command: The program and its arguments.
        timeout_ms: Milliseconds allowed, 5,000 to 120,000; 30,000 by default.
        output_file: The file in which the program keeps its answer until it expires.
        allow_executables: Allows the program, as `GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1` does.
    """

    __slots__ = ("allow_executables", "command", "output_file", "timeout_ms")
    variables = ("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES",)

    def __init__(
        self,
        command: list[str],
        *,
        timeout_ms: int | None = None,
        output_file: str | None = None,
        allow_executables: bool | None = None,
    ) -> None:
        self.command = command
        self.timeout_ms = timeout_ms
        self.output_file = output_file
        self.allow_executables = allow_executables

    def describe(self) -> dict[str, Any]:
        return members(
            "executable",
            command=self.command,
            timeout_ms=self.timeout_ms,
            output_file=self.output_file,
            allow_executables=self.allow_executables,
        )

    def __repr__(self) -> str:
        return f"Executable(command={self.command!r})"
