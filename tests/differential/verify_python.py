"""`verify_python.py LIBRARY CORPUS RESULTS`: what a Python library says to each line, as its documentation shows."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from datetime import datetime, timezone
from importlib.metadata import version
from typing import Any

LEEWAY = 60
Line = dict[str, Any]


def pyjwt() -> Callable[[Line], object]:
    """Key sets as `PyJWKClient` looks keys up; the clock is the only thing that is not the library's own."""
    import jwt
    from jwt import api_jwt

    class Clock(datetime):
        instant = 0

        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(cls.instant, timezone.utc)

    api_jwt.datetime = Clock  # type: ignore[misc]

    def verify(line: Line) -> object:
        Clock.instant = line["now"]
        document = line["jwks"]
        keys = jwt.PyJWKSet.from_json(document) if isinstance(document, str) else jwt.PyJWKSet.from_dict(document)
        kid = jwt.get_unverified_header(line["token"]).get("kid")
        candidates = [key for key in keys.keys if key.public_key_use in ("sig", None) and key.key_id]
        signing_key = next(key for key in candidates if key.key_id == kid)
        return jwt.decode(
            line["token"],
            signing_key,
            algorithms=line["algorithms"],
            audience=line["audience"],
            issuer=line["issuer"],
            leeway=LEEWAY,
            options={"require": ["iss", "aud", "exp"]},
        )

    return verify


def joserfc() -> Callable[[Line], object]:
    from joserfc import jwt
    from joserfc.jwk import KeySet

    def verify(line: Line) -> object:
        document = line["jwks"]
        keys = KeySet.import_key_set(json.loads(document) if isinstance(document, str) else document)
        token = jwt.decode(line["token"], keys, algorithms=line["algorithms"])
        registry = jwt.JWTClaimsRegistry(
            now=line["now"],
            leeway=LEEWAY,
            exp={"essential": True},
            iss={"essential": True, "value": line["issuer"]},
            aud={"essential": True, "value": line["audience"]},
        )
        registry.validate(token.claims)
        return token.claims

    return verify


LIBRARIES = {"PyJWT": pyjwt, "joserfc": joserfc}


def main() -> None:
    library, corpus, results = sys.argv[1:]
    # Both warn about short keys and old names; here only the result counts.
    warnings.simplefilter("ignore")
    verify = LIBRARIES[library]()
    with open(corpus, encoding="utf-8") as lines, open(results, "w", encoding="utf-8") as out:
        for text in lines:
            line = json.loads(text)
            try:
                accepted = isinstance(verify(line), dict)
                reason = ""
            except Exception as error:  # noqa: BLE001 -- whatever a library raises is its refusal
                accepted, reason = False, f"{type(error).__name__}: {error}"[:80]
            out.write(json.dumps({"name": line["name"], "accepted": accepted, "reason": reason}) + "\n")
    print(f"{library} {version(library)}")


if __name__ == "__main__":
    main()
