"""Federated identity credentials as their services have them, and the changes that make them equal to a wanted list."""

from __future__ import annotations

from json import loads
from typing import Literal, NamedTuple, TypedDict

from .errors import from_wire, invalid_argument
from .verdict import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from typing import Any

    from .errors import WorkloadIdentityError

_SIGNS = {"add": "+", "update": "~", "remove": "-"}


class FederatedCredential(NamedTuple):
    """A federated identity credential of an application, an agent blueprint or a managed identity.

        FederatedCredential("production", issuer="https://token.actions.githubusercontent.com", subject="repo:octo/app:...")

    Attributes:
        name: Its name, which is fixed once the credential exists: 3 to 120 letters, digits, `-` and `_`.
        issuer: `iss` of the tokens that it accepts.
        subject: `sub` of these tokens, or `None` for a flexible credential.
        expression: The claims matching expression of a flexible credential.
        audience: `aud` of these tokens; that of the cloud's token exchange by default.
        description: A text for readers, at most 600 characters.
        id: Its id at the service; `None` until it exists.
    """

    name: str
    issuer: str
    subject: str | None = None
    expression: str | None = None
    audience: str | None = None
    description: str | None = None
    id: str | None = None

    def __str__(self) -> str:
        members = [
            (name, value)
            for name, value in self._asdict().items()
            if value and name not in ("name", "id")
        ]
        return "\n".join(
            [escaped(self.name), *(f"  {name}: {escaped(value)}" for name, value in members)]
        )


class Change(NamedTuple):
    """What makes one credential as it is wanted.

    Attributes:
        action: What is done.
        name: The credential's name.
        before: The credential that exists, or `None`.
        after: The credential that is wanted, or `None`.
        differs: Names of the members that an update changes.
        outcome: What became of the change, or `None` in a plan.
        error: Why it failed, or `None`.
    """

    action: Literal["add", "update", "remove"]
    name: str
    before: FederatedCredential | None = None
    after: FederatedCredential | None = None
    differs: tuple[str, ...] = ()
    outcome: Literal["done", "failed", "not_tried"] | None = None
    error: WorkloadIdentityError | None = None

    def __str__(self) -> str:
        outcome = "" if self.outcome in (None, "done") else f": {self.outcome.replace('_', ' ')}"
        lines = [f"{_SIGNS[self.action]} {escaped(self.name)}{outcome}"]
        if self.error is not None:
            lines.append(f"    {escaped(str(self.error))}")
        for member in self.differs or _members(self.before, self.after):
            for sign, credential in (("-", self.before), ("+", self.after)):
                value = getattr(credential, member, None)
                if value:
                    lines.append(f"  {sign} {member}: {escaped(value)}")
        return "\n".join(lines)


class Plan(NamedTuple):
    """What would change, so that the credentials are as wanted. `str(plan)` is a report in ASCII.

    Attributes:
        changes: The changes in their order; empty if there is nothing to do.
        unmanaged: Names of the credentials that exist and are not wanted, which only `prune` removes.
        unchanged: Number of the credentials that are as wanted.
    """

    changes: tuple[Change, ...]
    unmanaged: tuple[str, ...]
    unchanged: int

    def __str__(self) -> str:
        return _report(self)


class Applied(NamedTuple):
    """What was changed. `str(applied)` is a report in ASCII.

    Attributes:
        changes: The changes with their outcomes.
        unmanaged: Names of the credentials that exist and are not wanted.
        unchanged: Number of the credentials that were as wanted.
        complete: Whether all credentials are as wanted. If not, the error that is raised has this report.
    """

    changes: tuple[Change, ...]
    unmanaged: tuple[str, ...]
    unchanged: int
    complete: bool

    def __str__(self) -> str:
        return _report(self)


class Identity(TypedDict, total=False):
    """Whose credentials are managed: exactly one member."""

    app_id: str
    app_object_id: str
    agent_blueprint: str
    managed_identity: str


class TrustFile(NamedTuple):
    """What a file `trust.yaml` declares.

        trust = TrustFile.read("trust.yaml")
        with FederatedCredentials(identity, **trust.identity) as credentials:
            print(credentials.plan(trust))

    Attributes:
        identity: Whose credentials they are: one of `app_id`, `app_object_id`, `agent_blueprint` and `managed_identity`.
        credentials: The wanted credentials.
    """

    identity: Identity
    credentials: tuple[FederatedCredential, ...]

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> TrustFile:
        """Reads a file of at most 1 MiB.

        Raises:
            ConfigurationError: The file cannot be read, or is no such document; the message has the line and the column.
        """
        from ._core.document_file import read_document

        return cls.parse(read_document(path, "the trust file"))

    @classmethod
    def parse(cls, text: str | bytes) -> TrustFile:
        """Reads the text of such a file.

        Raises:
            ConfigurationError: It is no such document; the message has the line and the column.
        """
        from . import _native
        from ._core.credential_settings import error_of

        content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        try:
            form = loads(_native.trust_file(content))
        except TypeError:
            raise invalid_argument("config_invalid", "a trust file is text or bytes") from None
        except ValueError as failure:
            raise error_of(failure) from None
        return cls(form["identity"], tuple(map(credential_of, form["credentials"])))


def credential_of(form: Mapping[str, Any]) -> FederatedCredential:
    """Returns the credential of its wire form (docs/protocol.md, section 11)."""
    return FederatedCredential(**form)


def plan_of(form: Mapping[str, Any]) -> Plan:
    """Returns the plan of its wire form."""
    return Plan(
        tuple(map(_change_of, form["changes"])), tuple(form["unmanaged"]), form["unchanged"]
    )


def applied_of(form: Mapping[str, Any]) -> Applied:
    """Returns the report of its wire form."""
    return Applied(*plan_of(form), form["complete"])


def _change_of(form: Mapping[str, Any]) -> Change:
    before, after, error = form.get("before"), form.get("after"), form.get("error")
    return Change(
        action=form["action"],
        name=form["name"],
        before=None if before is None else credential_of(before),
        after=None if after is None else credential_of(after),
        differs=tuple(form.get("differs", ())),
        outcome=form.get("outcome"),
        error=None if error is None else from_wire(error),
    )


def _members(before: FederatedCredential | None, after: FederatedCredential | None) -> list[str]:
    """Returns the members that are shown of a credential that is added or removed."""
    return (
        [name for name in FederatedCredential._fields if name not in ("name", "id")]
        if before != after
        else []
    )


def _report(of: Plan | Applied) -> str:
    lines = [str(change) for change in of.changes] or ["nothing to do"]
    if of.unmanaged:
        lines.append(f"not in the list, kept: {', '.join(map(escaped, of.unmanaged))}")
    return "\n".join(lines)
