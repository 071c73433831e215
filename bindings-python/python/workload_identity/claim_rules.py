"""Rules for claims as data: `claim("sub").glob("repo:octo/*")`. The core evaluates them after the signature."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


class ClaimRule:
    """What one claim must be; made by `claim`."""

    __slots__ = ("_described",)

    def __init__(self, described: dict[str, Any]) -> None:
        self._described = described

    def describe(self) -> dict[str, Any]:
        """The rule in the core's configuration (docs/protocol.md, section 8)."""
        return self._described

    def __repr__(self) -> str:
        ((kind, wanted),) = (item for item in self._described.items() if item[0] != "claim")
        return f"<ClaimRule {self._described['claim']!r} {kind} {wanted!r}>"


class Claim:
    """A claim that a rule is about."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def equals(self, value: Any) -> ClaimRule:
        """The claim is this JSON value; `1` and `"1"` differ."""
        return self._rule("equals", value)

    def one_of(self, values: Iterable[Any]) -> ClaimRule:
        """The claim is one of these JSON values."""
        return self._rule("one_of", list(values))

    def glob(self, pattern: str) -> ClaimRule:
        """The claim is a text of this form: `*` any run, `?` one character, a backslash escapes."""
        return self._rule("glob", pattern)

    def present(self) -> ClaimRule:
        """The claim is there."""
        return self._rule("present", True)

    def absent(self) -> ClaimRule:
        """The claim is not there."""
        return self._rule("present", False)

    def _rule(self, kind: str, wanted: Any) -> ClaimRule:
        return ClaimRule({"claim": self._name, kind: wanted})


def claim(name: str) -> Claim:
    """A claim by its name, or by a JSON pointer (RFC 6901) when `name` starts with `/`."""
    return Claim(name)


def equal_or_among(name: str, wanted: str | Iterable[str]) -> ClaimRule:
    """One text is to be equalled, several are a choice."""
    return claim(name).equals(wanted) if isinstance(wanted, str) else claim(name).one_of(wanted)
