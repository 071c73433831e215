"""An API that requires a bearer token. Run it with `uvicorn app:app`.

`OIDC_ISSUER` is the issuer of accepted tokens, and `AUDIENCE` their audience. For Entra, replace `TokenVerifier.oidc` by
`TokenVerifier.entra(tenant_id=..., audience=...)`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from workload_identity import TokenError, VerifiedToken, WorkloadIdentityError
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
bearer = HTTPBearer(auto_error=False)


async def verified(
    bearer_token: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> VerifiedToken:
    """Returns the verified caller. A 401 response contains the error code and never the token."""
    if bearer_token is None:
        raise HTTPException(401, "a bearer token is required", {"www-authenticate": "Bearer"})
    try:
        return await verifier.verify(bearer_token.credentials)
    except TokenError as error:
        challenge = f'Bearer error="invalid_token", error_description="{error.code}"'
        raise HTTPException(401, error.code, {"www-authenticate": challenge}) from None
    except WorkloadIdentityError as error:
        # The issuer's keys cannot be fetched, which is not an error of the caller.
        raise HTTPException(503, error.code, {"retry-after": "5"}) from None


Caller = Annotated[VerifiedToken, Depends(verified)]


@app.get("/me")
async def me(caller: Caller) -> dict[str, str | None]:
    return {"subject": caller.subject, "issuer": caller.issuer}


@app.get("/orders")
async def orders(caller: Caller) -> list[str]:
    # The token is verified; authorization is up to the application.
    if "Orders.Read" not in caller.get("roles", []):
        raise HTTPException(403, "the role Orders.Read is required")
    return ["first", "second"]
