"""An API that requires a bearer token, in one file. Run it with `python app.py runserver`.

`OIDC_ISSUER` is the issuer of accepted tokens, and `AUDIENCE` their audience. For Entra, replace `TokenVerifier.oidc` by
`TokenVerifier.entra(tenant_id=..., audience=...)`; `roles=[...]` there makes a role a condition of every route.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from workload_identity import TokenVerifier, WorkloadIdentityError

issuer = os.environ["OIDC_ISSUER"]
# One verifier for the whole process and its threads: it holds the issuer's keys. A forked worker keeps them.
verifier = TokenVerifier.oidc(
    issuer, os.environ["AUDIENCE"], allow_loopback_http=issuer.startswith("http://127.0.0.1:")
)


def bearer_tokens(next_handler: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: stores the verified caller in `request.caller`. A refusal never contains the token."""

    def handle(request: HttpRequest) -> HttpResponse:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return refusal(401, "a bearer token is required", "Bearer")
        try:
            request.caller = verifier.verify(token)
        except WorkloadIdentityError as error:
            return refusal(error.http_status or 500, error.code, error.www_authenticate)
        return next_handler(request)

    return handle


def refusal(status: int, detail: str, challenge: str | None) -> JsonResponse:
    headers = {"www-authenticate": challenge} if challenge else {}
    return JsonResponse({"detail": detail}, status=status, headers=headers)


def me(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"subject": request.caller.subject, "issuer": request.caller.issuer})


def orders(request: HttpRequest) -> JsonResponse:
    # The token is verified; authorization is up to the application.
    if not request.caller.has_role("Orders.Read"):
        challenge = 'Bearer error="insufficient_scope", scope="Orders.Read"'
        return refusal(403, "insufficient_scope", challenge)
    return JsonResponse(["first", "second"], safe=False)


urlpatterns = [path("me", me), path("orders", orders)]
settings.configure(
    ROOT_URLCONF=__name__, MIDDLEWARE=[f"{__name__}.bearer_tokens"], ALLOWED_HOSTS=["127.0.0.1", "localhost"]
)

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
