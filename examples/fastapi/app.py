"""An API whose callers bring a token. Run it with `uvicorn app:app`.

`OIDC_ISSUER` and `AUDIENCE` say whose tokens are accepted, and for whom they must be. For Entra, put
`TokenVerifier.entra(tenant_id=..., audience=...)` in the place of `TokenVerifier.oidc`.
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
# One for the whole process: it holds the issuer's keys.
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
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> VerifiedToken:
    """The caller. A refusal says why to the caller's developer, and never repeats the token."""
    if given is None:
        raise HTTPException(401, "a bearer token is required", {"www-authenticate": "Bearer"})
    try:
        return await verifier.verify(given.credentials)
    except TokenError as refusal:
        challenge = f'Bearer error="invalid_token", error_description="{refusal.code}"'
        raise HTTPException(401, refusal.code, {"www-authenticate": challenge}) from None
    except WorkloadIdentityError as failure:
        # The issuer's keys are not to be had: the caller did nothing wrong.
        raise HTTPException(503, failure.code, {"retry-after": "5"}) from None


Caller = Annotated[VerifiedToken, Depends(verified)]


@app.get("/me")
async def me(caller: Caller) -> dict[str, str | None]:
    return {"subject": caller.subject, "issuer": caller.issuer}


@app.get("/orders")
async def orders(caller: Caller) -> list[str]:
    # Who somebody is has been verified; what they may do is the application's decision.
    if "Orders.Read" not in caller.get("roles", []):
        raise HTTPException(403, "the role Orders.Read is required")
    return ["first", "second"]
