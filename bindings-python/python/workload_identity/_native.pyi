"""The native module: the functions of docs/protocol.md, sections 1, 8 and 10."""

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Any, TypeVar, final, overload

__all__ = [
    "Client",
    "Engine",
    "SourcePreflight",
    "VerifiedToken",
    "Verifier",
    "credentials",
    "environment_names",
    "environment_paths",
    "explain",
    "expression",
    "peek_unverified",
    "preflight",
    "sources",
    "subject",
    "verify_signature",
]

_T = TypeVar("_T")

@final
class Engine:
    def __new__(cls, config: bytes) -> Engine: ...
    @staticmethod
    def shared(config: bytes) -> Engine: ...
    def reseed(self, seed: bytes) -> None: ...
    def begin(self, request: bytes) -> int: ...
    def begin_for(self, client: Client, request: bytes) -> int: ...
    def poll(self, ticket: int, now: int) -> str: ...
    def resolve(
        self, effect: int, kind: str, status: int, head: bytes, body: bytes, now: int
    ) -> int: ...
    def end(self, ticket: int) -> int: ...

@final
class Client:
    def __new__(cls, config: bytes) -> Client: ...

@final
class SourcePreflight:
    def __new__(cls, config: bytes, seed: bytes) -> SourcePreflight: ...
    def effect(self, now: int) -> str: ...
    def answer(self, kind: str, status: int, head: bytes, body: bytes, now: int) -> None: ...
    def report(self) -> str: ...

@final
class Verifier:
    def __new__(cls, config: bytes) -> Verifier: ...
    def reseed(self, seed: bytes) -> None: ...
    def check(self, token: str, now: int) -> VerifiedToken | dict[str, Any] | None: ...
    def begin(self, request: bytes) -> int: ...
    def refresh(self, now: int) -> int: ...
    def poll(self, ticket: int, now: int) -> tuple[str, VerifiedToken | None]: ...
    def resolve(
        self, effect: int, kind: str, status: int, head: bytes, body: bytes, now: int
    ) -> int: ...
    def end(self, ticket: int) -> int: ...
    def snapshot(self, now: int, wait: bool = True) -> str | None: ...
    def load(self, snapshot: bytes, now: int) -> int: ...

@final
class VerifiedToken(Mapping[str, Any]):
    """The claims of a verified token: a mapping of all claims, with the common ones and the evidence as attributes.

    Only a verification makes it.

        claims = verifier.verify(token)
        print(claims.issuer, claims.subject, claims["roles"], claims.key_id)
    """

    @property
    def issuer(self) -> str | None:
        """`iss`; `None` if the token has none, which only SPIFFE allows."""
    @property
    def subject(self) -> str | None:
        """`sub`"""
    @property
    def audience(self) -> tuple[str, ...]:
        """`aud` as a tuple, also if it is a single string."""
    @property
    def expires_on(self) -> int | None:
        """`exp`, unix seconds."""
    @property
    def algorithm(self) -> str:
        """Algorithm of the signature."""
    @property
    def key_id(self) -> str | None:
        """`kid` of the key that verified it."""
    @property
    def key_thumbprint(self) -> str:
        """Thumbprint of that key (RFC 7638), base64url."""
    @property
    def key_set_age(self) -> int | None:
        """Age of the key set in seconds; `None` if the keys were configured."""
    @property
    def profile(self) -> str:
        """Name of the profile that accepted the token."""
    @property
    def header(self) -> dict[str, str]:
        """`alg`, `typ` and `kid` of the protected header, a new dictionary each time."""
    @property
    def claims(self) -> dict[str, Any]:
        """All claims, a new dictionary each time."""
    @property
    def roles(self) -> tuple[str, ...]:
        """The roles of the claim `roles`; empty if it is neither a list nor a string."""
    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes of the claims `scp` and `scope`."""
    @property
    def is_app(self) -> bool:
        """Whether an application, not a user, holds this token of an Entra tenant: `idtyp` is `app`, or the token has
        no `idtyp`, no scopes, and `sub` equals `oid`."""
    def has_role(self, role: str, /) -> bool:
        """Whether the token has exactly this role."""
    def has_scope(self, scope: str, /) -> bool:
        """Whether the token has exactly this scope."""
    def __getitem__(self, name: str, /) -> Any: ...
    @overload
    def get(self, name: str, /) -> Any | None: ...
    @overload
    def get(self, name: str, default: Any | _T, /) -> Any | _T: ...
    def __contains__(self, name: object, /) -> bool: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[str]: ...
    def keys(self) -> KeysView[str]: ...
    def values(self) -> ValuesView[Any]: ...
    def items(self) -> ItemsView[str, Any]: ...
    def __eq__(self, other: object, /) -> bool: ...

def environment_names() -> str: ...
def environment_paths() -> str: ...
def explain(input: bytes) -> str: ...
def preflight(input: bytes) -> str: ...
def subject(input: bytes) -> str: ...
def expression(input: bytes) -> str: ...
def credentials(file: bytes) -> str: ...
def sources(environment: bytes) -> str: ...
def verify_signature(key: bytes, algorithm: str, input: bytes, signature: bytes) -> bool: ...
def peek_unverified(token: str) -> tuple[dict[str, Any], dict[str, Any]]: ...
