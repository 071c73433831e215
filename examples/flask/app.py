"""An API that requires a bearer token. Run it with `flask run`.

`OIDC_ISSUER` is the issuer of accepted tokens, and `AUDIENCE` their audience. For Entra, replace `TokenVerifier.oidc` by
`TokenVerifier.entra(tenant_id=..., audience=...)`; `roles=[...]` there makes a role a condition of every route.
"""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, request
from workload_identity import TokenVerifier, WorkloadIdentityError

issuer = os.environ["OIDC_ISSUER"]
# One verifier for the whole process and its threads: it holds the issuer's keys. A forked worker keeps them.
verifier = TokenVerifier.oidc(
    issuer, os.environ["AUDIENCE"], allow_loopback_http=issuer.startswith("http://127.0.0.1:")
)
app = Flask(__name__)


@app.before_request
def verify() -> Response | None:
    """Stores the verified caller in `g.caller`. A refusal contains the error code and never the token."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return refusal(401, "a bearer token is required", "Bearer")
    try:
        g.caller = verifier.verify(token)
    except WorkloadIdentityError as error:
        return refusal(error.http_status or 500, error.code, error.www_authenticate)
    return None


def refusal(status: int, detail: str, challenge: str | None) -> Response:
    headers = {"www-authenticate": challenge} if challenge else {}
    return make_response(jsonify(detail=detail), status, headers)


@app.get("/me")
def me() -> Any:
    return {"subject": g.caller.subject, "issuer": g.caller.issuer}


@app.get("/orders")
def orders() -> Any:
    # The token is verified; authorization is up to the application.
    if not g.caller.has_role("Orders.Read"):
        challenge = 'Bearer error="insufficient_scope", scope="Orders.Read"'
        return refusal(403, "insufficient_scope", challenge)
    return ["first", "second"]
