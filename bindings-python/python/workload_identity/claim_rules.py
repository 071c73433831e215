"""Rules for claims, e.g. `claim("sub").glob("repo:octo/*")`. The core checks them after the signature."""

from __future__ import annotations

from .errors import invalid_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


class ClaimRule:
    """A rule for one claim; made by the methods of `claim(name)`."""

    __slots__ = ("_described",)

    def __init__(self, described: dict[str, Any]) -> None:
        self._described = described

    def describe(self) -> dict[str, Any]:
        """Returns the rule as in the core's configuration (docs/protocol.md, section 8)."""
        return self._described

    def __repr__(self) -> str:
        ((kind, wanted),) = (item for item in self._described.items() if item[0] != "claim")
        return f"<ClaimRule {self._described['claim']!r} {kind} {wanted!r}>"


class Claim:
    """A claim by name, from which rules are made."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def equals(self, value: Any) -> ClaimRule:
        """Requires this JSON value; `1` and `"1"` differ. Integers of up to 64 bits are compared exactly.

        If the claim is a list, one of its items must fit.
        """
        return self._rule("equals", value)

    def one_of(self, values: Iterable[Any]) -> ClaimRule:
        """Requires one of these JSON values."""
        if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
            raise invalid_argument("config_invalid", "`one_of` takes a list of values")
        return self._rule("one_of", list(values))

    def glob(self, pattern: str) -> ClaimRule:
        """Requires a string that matches: `*` is any run of characters, `?` one character, a backslash escapes."""
        return self._rule("glob", pattern)

    def present(self) -> ClaimRule:
        """Requires the claim."""
        return self._rule("present", True)

    def absent(self) -> ClaimRule:
        """Forbids the claim."""
        return self._rule("present", False)

    def _rule(self, kind: str, wanted: Any) -> ClaimRule:
        return ClaimRule({"claim": self._name, kind: wanted})


def claim(name: str) -> Claim:
    """Starts a rule for a claim, named directly or, with a leading `/`, by a JSON pointer (RFC 6901).

    Examples of rules:

        claim("ref").glob("refs/tags/v*")
        claim("/kubernetes.io/namespace").equals("shop")
    """
    return Claim(name)


def equal_or_among(name: str, wanted: str | Iterable[str]) -> ClaimRule:
    """Returns the rule for the accepted value of a claim, or for several."""
    if isinstance(wanted, str):
        return claim(name).equals(wanted)
    if not hasattr(wanted, "__iter__"):
        raise invalid_argument("config_invalid", f"`{name}` takes a string or a list of strings")
    rule = claim(name).one_of(wanted)
    if not all(isinstance(value, str) for value in rule.describe()["one_of"]):
        raise invalid_argument("config_invalid", f"a value of the claim `{name}` is not a str")
    return rule
