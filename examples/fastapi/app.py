"""An API that requires a bearer token. Run it with `uvicorn app:app`.

`OIDC_ISSUER` is the issuer of accepted tokens, and `AUDIENCE` their audience. For Entra, replace `TokenVerifier.oidc` by
`TokenVerifier.entra(tenant_id=..., audience=...)`; `roles=[...]` there makes a role a condition of every route.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from workload_identity import VerifiedToken, WorkloadIdentityError
from workload_identity.aio import TokenVerifier

issuer = os.environ["OIDC_ISSUER"]
# One verifier for the whole process: it holds the issuer's keys.
verifier = TokenVerifier.oidc(
    issuer, os.environ["AUDIENCE"], allow_loopback_http=issuer.startswith("http://127.0.0.1:")
)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with verifier:
        yield


app = FastAPI(lifespan=lifespan)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


async def verified(bearer: Bearer) -> VerifiedToken:
    """Returns the verified caller. A refusal contains the error code and never the token."""
    if bearer is None:
        raise HTTPException(401, "a bearer token is required", {"www-authenticate": "Bearer"})
    try:
        return await verifier.verify(bearer.credentials)
    except WorkloadIdentityError as error:
        headers = {"www-authenticate": error.www_authenticate} if error.www_authenticate else {}
        raise HTTPException(error.http_status or 500, error.code, headers) from None


Caller = Annotated[VerifiedToken, Depends(verified)]


@app.get("/me")
async def me(caller: Caller) -> dict[str, str | None]:
    return {"subject": caller.subject, "issuer": caller.issuer}


@app.get("/orders")
async def orders(caller: Caller) -> list[str]:
    # The token is verified; authorization is up to the application.
    if not caller.has_role("Orders.Read"):
        challenge = 'Bearer error="insufficient_scope", scope="Orders.Read"'
        raise HTTPException(403, "insufficient_scope", {"www-authenticate": challenge})
    return ["first", "second"]
