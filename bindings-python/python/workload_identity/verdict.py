"""The verdict about a trust: which values of a federated identity credential a token meets, and what to do about the others."""

from __future__ import annotations

from typing import Literal, NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

Field = Literal["issuer", "subject", "expression", "audience"]


class FieldVerdict(NamedTuple):
    """How a value of a token compares with that of a credential. The values are untrusted data and may hold any character.

    Attributes:
        field: Which value.
        expected: The credential's value.
        presented: The token's value, or `None` if it has none.
        equal: Whether the values are equal, or the expression matches.
        difference: How they differ: a class of docs/concepts/trust.md, or `None`.
        position: The first character of `presented` that differs, counted from 0, or `None`.
    """

    field: Field
    expected: str
    presented: str | None
    equal: bool
    difference: str | None = None
    position: int | None = None

    def __str__(self) -> str:
        if self.equal:
            return f"{self.field}: equal"
        place = "" if self.position is None else f" at character {self.position}"
        presented = "(none)" if self.presented is None else escaped(self.presented)
        return (
            f"{self.field}: {self.difference}{place}\n"
            f"  expected:  {escaped(self.expected)}\n"
            f"  presented: {presented}"
        )


class CredentialVerdict(NamedTuple):
    """How a token compares with one credential.

    Attributes:
        accepted: Whether all fields are equal.
        fields: Issuer, subject or expression, audience.
        name: The credential's name, or `None`.
        warnings: Tokens that the credential's expression accepts and that were probably not meant.
    """

    accepted: bool
    fields: tuple[FieldVerdict, ...]
    name: str | None = None
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [*map(str, self.fields), *(f"warning: {escaped(text)}" for text in self.warnings)]
        return "\n".join(lines)


class TrustCheck(NamedTuple):
    """A check beside the comparison of values.

    Attributes:
        check: Its name, such as `key_count`.
        outcome: What was found; `unknown` if what it needs was not supplied.
        message: One sentence.
    """

    check: str
    outcome: Literal["pass", "fail", "unknown"]
    message: str

    def __str__(self) -> str:
        return f"{self.check}: {self.outcome}, {escaped(self.message)}"


class Verdict(NamedTuple):
    """Whether Entra would accept a token for one of some federated identity credentials, and why.

    `str(verdict)` is a report in ASCII: control characters, markup and look-alike characters of a token are escaped.

    Attributes:
        accepted: Whether a credential accepts the token and no check has failed.
        aadsts: The AADSTS number of Entra's answer, or `None` if the token is accepted.
        field: The value that the number is about, or `None`.
        difference: How the nearest credential differs in that value, or in the first that differs, or `None`.
        nearest: Index of the credential that needs the least change, or `None`.
        credentials: One for each credential, in their order.
        fix: What to do, as sentences and commands. The commands are quoted for POSIX shells.
        checks: The checks beside the comparison of values; empty for an answer of Entra.
    """

    accepted: bool
    aadsts: int | None
    field: Field | None
    difference: str | None
    nearest: int | None
    credentials: tuple[CredentialVerdict, ...]
    fix: tuple[str, ...]
    checks: tuple[TrustCheck, ...]

    def __str__(self) -> str:
        lines = ["accepted" if self.accepted else "refused"]
        if self.aadsts is not None:
            lines[0] += f": AADSTS{self.aadsts}"
        for number, credential in enumerate(self.credentials, 1):
            name = f"credential {number}" if credential.name is None else escaped(credential.name)
            lines += [name, *_indented(str(credential))]
        # What was not supplied is no news to the reader.
        known = [str(check) for check in self.checks if check.outcome != "unknown"]
        if known:
            lines += ["checks", *_indented("\n".join(known))]
        if self.fix:
            lines += ["to do", *(f"  {escaped(step)}" for step in self.fix)]
        return "\n".join(lines)


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in text.splitlines()]


def escaped(text: str) -> str:
    """Returns a text for logs, terminals and pages: what is not printable ASCII, and `<`, `>`, `&`, as `\\u{...}`."""
    return "".join(
        each if " " <= each <= "~" and each not in "<>&" else f"\\u{{{ord(each):x}}}"
        for each in text
    )


def verdict_of(form: Mapping[str, Any]) -> Verdict:
    """Returns the verdict of its wire form (docs/protocol.md, section 10)."""
    return Verdict(
        accepted=form["accepted"],
        aadsts=form["aadsts"],
        field=form.get("field"),
        difference=form.get("difference"),
        nearest=form.get("nearest"),
        credentials=tuple(map(_credential_of, form["credentials"])),
        fix=tuple(form["fix"]),
        checks=tuple(TrustCheck(**check) for check in form.get("checks", ())),
    )


def _credential_of(form: Mapping[str, Any]) -> CredentialVerdict:
    return CredentialVerdict(
        accepted=form["accepted"],
        fields=tuple(FieldVerdict(**field) for field in form["fields"]),
        name=form.get("name"),
        warnings=tuple(form.get("warnings", ())),
    )
