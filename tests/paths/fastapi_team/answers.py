"""Asks the running example, with tokens that the emulator issues as the page "Test your application" shows."""

import json
import os
import urllib.error
import urllib.request

EMULATOR = os.environ["AZURE_AUTHORITY_HOST"]


def token(**wanted: object) -> str:
    """Returns an access token of the emulator."""
    body = json.dumps({"audience": "api://orders", **wanted}).encode()
    request = urllib.request.Request(
        f"{EMULATOR}/emulator/access-token", body, {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        issued: str = json.load(answer)["access_token"]
    return issued


def ask(path: str, bearer: str | None, api: str = os.environ["API"]) -> tuple[int, str | None]:
    """Returns the status and the challenge."""
    headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(api + path, headers=headers)) as answer:
            return answer.status, None
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get("www-authenticate")


assert ask("/orders", token(roles=["Orders.Read"])) == (200, None)
assert ask("/me", token(claims={"name": "Ada"})) == (200, None)
assert ask("/me", None) == (401, "Bearer")
for refused in (token(claims={"exp": 1}), token(audience="api://other"), "nonsense"):
    status, challenge = ask("/me", refused)
    assert status == 401 and str(challenge).startswith('Bearer error="invalid_token"'), challenge
status, challenge = ask("/orders", token(roles=["Orders.Read.All"]))
assert (status, challenge) == (403, 'Bearer error="insufficient_scope", scope="Orders.Read"')
without_keys = token(claims={"iss": "http://127.0.0.1:9"})
assert ask("/me", without_keys, os.environ["API_WITHOUT_KEYS"]) == (503, None)
