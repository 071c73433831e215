"""One line of the corpus while it is put together: a token's parts, the keys, the policy."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from keys import Jwk, Key, Keys, encoded

NOW = 1_800_000_000
ISSUER = "https://issuer.example.org/tenant"
AUDIENCE = "api://orders"
# What wif grants unless told otherwise; the others are told the same.
LEEWAY = 60


class Members:
    """A JSON object as text: names may repeat, values may be anything that was written."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.items = [(json.dumps(name), json.dumps(value, ensure_ascii=False)) for name, value in values.items()]

    def raw(self, name: str, value: str) -> None:
        """Sets a member to this text, in its place or at the end."""
        quoted = json.dumps(name)
        for at, (known, _) in enumerate(self.items):
            if known == quoted:
                self.items[at] = (quoted, value)
                return
        self.items.append((quoted, value))

    def set(self, name: str, value: Any) -> None:
        self.raw(name, json.dumps(value))

    def remove(self, name: str) -> None:
        self.items = [item for item in self.items if item[0] != json.dumps(name)]

    def get(self, name: str) -> Any:
        return json.loads(next(value for known, value in self.items if known == json.dumps(name)))

    def text(self) -> str:
        return "{" + ",".join(f"{name}:{value}" for name, value in self.items) + "}"


Segments = list[str]


@dataclass
class Case:
    """Everything a mutation may change before the token is signed, and what it wants done afterwards."""

    random: Random
    keys: Keys
    algorithm: str
    signer: Key
    header: Members
    claims: Members
    jwks: list[Jwk]
    own: Jwk
    algorithms: list[str]
    issuer: str = ISSUER
    audience: str = AUDIENCE
    now: int = NOW
    settled: bool = False
    header_bytes: bytes | None = None
    payload_bytes: bytes | None = None
    jwks_document: Any = None
    spelled: list[tuple[int, Callable[[str], str]]] = field(default_factory=list)
    signed: Callable[[bytes], bytes] | None = None
    signature: list[Callable[[bytes], bytes]] = field(default_factory=list)
    segments: list[Callable[[Segments], Segments]] = field(default_factory=list)
    text: list[Callable[[str], str]] = field(default_factory=list)

    def line(self, name: str) -> dict[str, Any]:
        """The finished line."""
        first = [encoded(either(self.header_bytes, self.header)), encoded(either(self.payload_bytes, self.claims))]
        for at, spell in self.spelled:
            first[at] = spell(first[at])
        data = ".".join(first).encode()
        signature = self.signed(data) if self.signed else self.signer.sign(self.algorithm, data)
        for change in self.signature:
            signature = change(signature)
        segments = [*first, encoded(signature)]
        for cut in self.segments:
            segments = cut(segments)
        token = ".".join(segments)
        for rewrite in self.text:
            token = rewrite(token)
        document = self.jwks_document if self.jwks_document is not None else {"keys": self.jwks}
        return {
            "name": name,
            "token": token,
            "jwks": document,
            "issuer": self.issuer,
            "audience": self.audience,
            "algorithms": self.algorithms,
            "now": self.now,
            "profile": "generic-oidc",
        }


def either(data: bytes | None, members: Members) -> bytes:
    return members.text().encode() if data is None else data


ALGORITHMS = (
    "RS256",
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES256",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)


def good(random: Random, keys: Keys) -> Case:
    """A token that everybody should accept, one of many."""
    algorithm = random.choice(ALGORITHMS)
    signer = random.choice(keys.of(algorithm))
    kid = random.choice(["k1", "2026-11", "Ünï", "a/b+c=", "4f9c8bdb-0d1a-4b4c-8f8a-6f4b6d1f6a11", "0"])
    own = dressed(random, signer, kid, algorithm)
    others = random.sample([key for key in keys.all() if key is not signer], random.randrange(3))
    jwks = [own, *(dressed(random, key, f"other-{at}", None) for at, key in enumerate(others))]
    random.shuffle(jwks)
    header = {"alg": algorithm, "kid": kid}
    if random.random() < 0.8:
        header["typ"] = "JWT"
    case = Case(
        random,
        keys,
        algorithm,
        signer,
        shuffled(random, header),
        shuffled(random, claims(random)),
        jwks,
        own,
        allowed(random, algorithm),
    )
    return case


def dressed(random: Random, key: Key, kid: str, algorithm: str | None) -> Jwk:
    """A public key with the members that issuers publish."""
    jwk: Jwk = {"kid": kid, **key.jwk}
    if algorithm and random.random() < 0.6:
        jwk["alg"] = algorithm
    if random.random() < 0.6:
        jwk["use"] = "sig"
    return jwk


def allowed(random: Random, algorithm: str) -> list[str]:
    """A list that has the algorithm, often with others."""
    others = [
        name for name in ("RS256", "PS256", "ES256", "ES384", "EdDSA") if name != algorithm and random.random() < 0.3
    ]
    if algorithm == "Ed25519":
        others = [name for name in others if name != "EdDSA"]
    return [algorithm, *others]


def claims(random: Random) -> dict[str, Any]:
    found: dict[str, Any] = {
        "iss": ISSUER,
        "aud": random.choice(
            [AUDIENCE, AUDIENCE, [AUDIENCE], [AUDIENCE, "api://billing"], ["api://billing", AUDIENCE]]
        ),
        "exp": NOW + random.randrange(1, 90_000),
    }
    maybe: dict[str, Any] = {
        "sub": random.choice(
            ["repo:octo-org/octo-repo:ref:refs/heads/main", "system:serviceaccount:shop:orders", "0", "é"]
        ),
        "iat": NOW - random.randrange(3600),
        "nbf": NOW - random.randrange(3600),
        "jti": f"{random.getrandbits(128):032x}",
        "roles": ["reader", "writer"][: random.randrange(3)],
        "scope": "openid profile",
        "azp": "client-7",
        "nested": {"a": {"b": [1, 2.5, None, True, {"c": "d"}]}},
        "run_id": random.randrange(1 << 40),
        "ratio": random.random(),
        "text": "x" * random.randrange(300),
        "unicode": '\u00e5\u4e2d\U0001f600 "\\ \u2028',
        "empty": {},
    }
    found.update({name: value for name, value in maybe.items() if random.random() < 0.5})
    return found


def shuffled(random: Random, values: dict[str, Any]) -> Members:
    items = list(values.items())
    random.shuffle(items)
    return Members(dict(items))
