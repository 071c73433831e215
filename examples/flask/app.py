"""An API that requires a bearer token. Run it with `flask run`.

`OIDC_ISSUER` is the issuer of accepted tokens, and `AUDIENCE` their audience. For Entra, replace `TokenVerifier.oidc` by
`TokenVerifier.entra(tenant_id=..., audience=...)`.
"""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, Response, abort, g, jsonify, make_response, request
from workload_identity import TokenError, TokenVerifier, WorkloadIdentityError

issuer = os.environ["OIDC_ISSUER"]
# One verifier for the whole process and its threads: it holds the issuer's keys. A forked worker keeps them.
verifier = TokenVerifier.oidc(
    issuer, os.environ["AUDIENCE"], allow_loopback_http=issuer.startswith("http://127.0.0.1:")
)
app = Flask(__name__)


@app.before_request
def verify() -> Response | None:
    """Stores the verified caller in `g.caller`. A 401 response contains the error code and never the token."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return refusal(401, "a bearer token is required", {"www-authenticate": "Bearer"})
    try:
        g.caller = verifier.verify(token)
    except TokenError as error:
        challenge = f'Bearer error="invalid_token", error_description="{error.code}"'
        return refusal(401, error.code, {"www-authenticate": challenge})
    except WorkloadIdentityError as error:
        # The issuer's keys cannot be fetched, which is not an error of the caller.
        return refusal(503, error.code, {"retry-after": "5"})
    return None


def refusal(status: int, detail: str, headers: dict[str, str]) -> Response:
    return make_response(jsonify(detail=detail), status, headers)


@app.get("/me")
def me() -> Any:
    return {"subject": g.caller.subject, "issuer": g.caller.issuer}


@app.get("/orders")
def orders() -> Any:
    # The token is verified; authorization is up to the application.
    if "Orders.Read" not in g.caller.get("roles", []):
        abort(403, "the role Orders.Read is required")
    return ["first", "second"]
