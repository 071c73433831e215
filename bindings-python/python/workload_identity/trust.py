"""Trust made visible: why Entra accepts or refuses a token, and whether a credential can match it at all.

Nothing here makes a request.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from json import dumps, loads
from typing import NamedTuple

from . import _native
from ._core.credential_settings import error_of
from ._core.document_file import read_document
from .errors import invalid_argument
from .verdict import Verdict, escaped, verdict_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from .federated_credential import FederatedCredential

    # A federated identity credential: ours, or a mapping as `az` and Microsoft Graph print it.
    AnyCredential: TypeAlias = "Credential | FederatedCredential | Mapping[str, Any]"
    # A document of an issuer: its text, or its members.
    Document: TypeAlias = str | bytes | Mapping[str, Any]


class Credential(NamedTuple):
    """A federated identity credential.

    Attributes:
        issuer: `iss` of the tokens that it accepts.
        subject: `sub` of these tokens, or `None` for a flexible credential.
        expression: The claims matching expression of a flexible credential.
        audience: `aud` of these tokens; `api://AzureADTokenExchange` by default.
        name: A name for reports.
    """

    issuer: str
    subject: str | None = None
    expression: str | None = None
    audience: str | None = None
    name: str | None = None


class Problem(NamedTuple):
    """What hinders the exchange of a token.

    Attributes:
        code: A stable word of docs/protocol.md, section 10.
        message: What is wrong and what to do.
    """

    code: str
    message: str


class EntraPreflight(NamedTuple):
    """Whether Entra can accept a token.

    Attributes:
        possible: Whether some credential can match tokens like this one.
        problems: What to know before a credential is written.
    """

    possible: bool
    problems: tuple[Problem, ...]


class Preflight(NamedTuple):
    """What a token says of itself, and what hinders its exchange. Nothing is verified, and the texts are untrusted data.

    `str(preflight)` is a report in ASCII with everything else escaped.

    Attributes:
        algorithm: `alg`, or `None`.
        issuer: `iss`, or `None`.
        subject: `sub`, or `None`.
        audience: `aud` as a tuple.
        lifetime_s: Seconds from `iat` (or `nbf`) to `exp`, or `None`.
        entra: Whether Entra can accept the token.
    """

    algorithm: str | None
    issuer: str | None
    subject: str | None
    audience: tuple[str, ...]
    lifetime_s: int | None
    entra: EntraPreflight

    def __str__(self) -> str:
        values = [
            ("algorithm", self.algorithm),
            ("issuer", self.issuer),
            ("subject", self.subject),
            ("audience", ", ".join(self.audience)),
            ("lifetime", None if self.lifetime_s is None else f"{self.lifetime_s} s"),
        ]
        lines = [f"{name}: {'(none)' if value is None else escaped(value)}" for name, value in values]
        lines.append("possible" if self.entra.possible else "not possible")
        lines += [f"  {each.code}: {escaped(each.message)}" for each in self.entra.problems]
        return "\n".join(lines)


class Subject(NamedTuple):
    """A subject and its parts.

    Attributes:
        subject: The text.
        platform: Whose form it is, such as `github`; `None` if the form is unknown.
        form: Name of the form, such as `environment`, or `None`.
        generation: 1, or 2 for the platform's newer form of the same subjects, or `None`.
        parts: The parts by their names.
        per_run: Names of the parts that change with each run: no credential can match such a subject.
    """

    subject: str
    platform: str | None
    form: str | None
    generation: int | None
    parts: dict[str, str]
    per_run: tuple[str, ...]


def explain(
    token: str | None = None,
    credentials: AnyCredential | Iterable[AnyCredential] | str | os.PathLike[str] = (),
    *,
    claims: Mapping[str, Any] | None = None,
    error: str | None = None,
    now: float | None = None,
    discovery: Document | None = None,
    jwks: Document | None = None,
) -> Verdict:
    """Explains whether federated identity credentials accept a token, and what to do if none does.

        verdict = explain(token, [Credential(issuer=..., subject=..., audience=...)])
        print(verdict.accepted, verdict.fix)

    Exactly one of `token`, `claims` and `error` is given. Issuer, subject and audience are compared; what else is given is
    checked, too.

    Args:
        token: The workload's token.
        credentials: The credentials: `Credential` objects, what `FederatedCredentials.list` returns, mappings as
            `az ad app federated-credential list` prints them, or the path of a file with such a list.
        claims: The token's claims.
        error: What Entra answered: the JSON, or the text with the AADSTS number.
        now: When the token is exchanged, unix seconds: its lifetime is checked.
        discovery: The issuer's discovery document.
        jwks: The issuer's keys: the signature is checked, too.

    Raises:
        ConfigurationError: An argument or the file of credentials is wrong.
        TokenError: The token is not a signed JWT.
    """
    form: dict[str, Any] = {"token": token, "claims": claims, "error": error}
    if claims is not None and isinstance(claims, Mapping):
        form["claims"] = dict(claims)
    form["credentials"] = _listed(credentials)
    form["now"] = None if now is None else _milliseconds(now)
    form["discovery"], form["jwks"] = _document(discovery), _document(jwks)
    return verdict_of(_answer(_native.explain, form))


def preflight(token: str, *, jwks: Document | None = None) -> Preflight:
    """Tells whether a federated identity credential can match a token at all, before any exchange.

        print(preflight(token).entra.possible)

    `WorkloadIdentity.preflight` asks the token source for its token.

    Args:
        token: The workload's token. It is not verified.
        jwks: The issuer's keys: whether Entra sees the token's key among them is examined, too.

    Raises:
        ConfigurationError: An argument has a wrong type.
        TokenError: The token is not a signed JWT, or `jwks` is no key set.
    """
    return preflight_of(_answer(_native.preflight, {"token": token, "jwks": _document(jwks)}))


def parse_subject(subject: str, issuer: str | None = None) -> Subject:
    """Takes a subject apart. That of no known form has no parts.

        print(parse_subject("repo:octo/app:environment:prod").parts["environment"])

    Args:
        subject: `sub` of a token.
        issuer: `iss` of the token, where platforms have the same forms.

    Raises:
        ConfigurationError: An argument has a wrong type.
    """
    form = _answer(_native.subject, {"subject": subject, "issuer": issuer})
    return Subject(**{**form, "per_run": tuple(form["per_run"])})


def build_subject(platform: str, form: str, /, *, generation: int = 1, **parts: str) -> str:
    """Builds the subject of a credential.

        build_subject("github", "environment", owner="octo", repo="app", environment="prod")

    Args:
        platform: Whose form it is: `github`, `gitlab`, `kubernetes`, `azure_devops` and so on.
        form: Name of the form.
        generation: 2 for the platform's newer form, such as GitHub's with ids.
        parts: The parts of the form.

    Raises:
        ConfigurationError: There is no such form, or a part is missing or has a character that it cannot have.
    """
    members = {"platform": platform, "form": form, "generation": generation, "parts": parts}
    subject: str = _answer(_native.subject, members)["subject"]
    return subject


def preflight_of(form: Mapping[str, Any]) -> Preflight:
    """Returns the report of its wire form (docs/protocol.md, section 10)."""
    entra = form["entra"]
    problems = tuple(Problem(**problem) for problem in entra["problems"])
    audience = tuple(form["audience"])
    report = EntraPreflight(entra["possible"], problems)
    return Preflight(**{**form, "audience": audience, "entra": report})


def _listed(
    credentials: AnyCredential | Iterable[AnyCredential] | str | os.PathLike[str],
) -> list[Any]:
    """Returns the list of credentials that the core takes."""
    if isinstance(credentials, (str, os.PathLike)):
        return _file(credentials)
    is_one = hasattr(credentials, "_asdict") or isinstance(credentials, Mapping)
    given: Any = [credentials] if is_one else credentials
    try:
        return [each._asdict() if hasattr(each, "_asdict") else dict(each) for each in given]
    except (TypeError, ValueError):
        raise invalid_argument(
            "request_invalid",
            "`credentials` is a list of Credential objects or mappings, or the path of a file with a list",
        ) from None


def _file(path: str | os.PathLike[str]) -> list[Any]:
    content = read_document(path, "the file of credentials")
    try:
        listed: list[Any] = loads(_native.credentials(content))
    except ValueError as failure:
        raise error_of(failure) from None
    return listed


def _milliseconds(now: float) -> int:
    try:
        return int(now * 1000)
    except (TypeError, ValueError, OverflowError):
        raise invalid_argument(
            "request_invalid", "`now` is a number of seconds since 1970"
        ) from None


def _document(document: Document | None) -> Any:
    if isinstance(document, (bytes, bytearray)):
        return document.decode("utf-8", "replace")
    return dict(document) if isinstance(document, Mapping) else document


def _answer(function: Callable[[bytes], str], form: Mapping[str, Any]) -> dict[str, Any]:
    """Calls a function of the native module with the members that are given."""
    try:
        given = {name: value for name, value in form.items() if value is not None}
        text = dumps(given, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        raise invalid_argument(
            "request_invalid",
            "an argument has a wrong type: texts are str, documents and claims what JSON can hold",
        ) from None
    try:
        answer: dict[str, Any] = loads(function(text))
    except ValueError as failure:
        raise error_of(failure) from None
    return answer
