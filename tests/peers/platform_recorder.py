"""An endpoint that answers as the platforms' token services do and records every request."""

from __future__ import annotations

import base64
import json
import time
import urllib.parse

from recorder import Recorded, Recorder


class PlatformRecorder(Recorder):
    """Azure Pipelines at `/oidctoken`, GitHub Actions at `/idtoken`, and managed identities at any other path."""

    def answer(self, request: Recorded) -> tuple[int, dict[str, object]]:
        """Returns the platform's token for the audience that is asked for."""
        path, _, query = request.path.partition("?")
        asked = {**dict(urllib.parse.parse_qsl(query)), **(request.fields or {})}
        if path == "/oidctoken":
            return 200, {"oidcToken": platform_token("api://AzureADTokenExchange")}
        if path == "/idtoken":
            return 200, {"value": platform_token(asked["audience"])}
        resource = asked["resource"]
        return 200, {
            "access_token": platform_token(resource), "resource": resource, "token_type": "Bearer",
            "expires_in": "3599", "expires_on": str(int(time.time()) + 3599),
        }


def platform_token(audience: str) -> str:
    """Returns a token that nobody has signed: nobody verifies it here."""
    claims = {"iss": "https://issuer.example", "sub": "s", "aud": audience, "exp": int(time.time()) + 3599}
    parts = [json.dumps(part).encode() for part in ({"alg": "RS256", "kid": "k"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in [*parts, b"signature"])
