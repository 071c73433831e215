"""An API whose callers bring a token. Run it with `flask run`.

`OIDC_ISSUER` and `AUDIENCE` say whose tokens are accepted, and for whom they must be. For Entra, put
`TokenVerifier.entra(tenant_id=..., audience=...)` in the place of `TokenVerifier.oidc`.
"""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, Response, abort, g, jsonify, make_response, request
from workload_identity import TokenError, TokenVerifier, WorkloadIdentityError

issuer = os.environ["OIDC_ISSUER"]
# One for the whole process and all its threads: it holds the issuer's keys. A forked worker keeps them.
verifier = TokenVerifier.oidc(
    issuer, os.environ["AUDIENCE"], allow_loopback_http=issuer.startswith("http://127.0.0.1:")
)
app = Flask(__name__)


@app.before_request
def verify() -> Response | None:
    """Leaves the caller in `g.caller`. A refusal says why, and never repeats the token."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return refusal(401, "a bearer token is required", {"www-authenticate": "Bearer"})
    try:
        g.caller = verifier.verify(token)
    except TokenError as error:
        challenge = f'Bearer error="invalid_token", error_description="{error.code}"'
        return refusal(401, error.code, {"www-authenticate": challenge})
    except WorkloadIdentityError as error:
        # The issuer's keys are not to be had: the caller did nothing wrong.
        return refusal(503, error.code, {"retry-after": "5"})
    return None


def refusal(status: int, detail: str, headers: dict[str, str]) -> Response:
    return make_response(jsonify(detail=detail), status, headers)


@app.get("/me")
def me() -> Any:
    return {"subject": g.caller.subject, "issuer": g.caller.issuer}


@app.get("/orders")
def orders() -> Any:
    # Who somebody is has been verified; what they may do is the application's decision.
    if "Orders.Read" not in g.caller.get("roles", []):
        abort(403, "the role Orders.Read is required")
    return ["first", "second"]
