"""The sources of AWS read the variables of the AWS SDKs, or take an access key, and show no secret."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from workload_identity import (
    AwsCognito,
    AwsCredentials,
    AwsIrsa,
    AwsWebIdentity,
    ConfigurationError,
    SourceError,
    WorkloadIdentity,
)

POOL = "eu-west-1:11111111-2222-3333-4444-555555555555"
AUDIENCE = "api://AzureADTokenExchange"


def jwt(audience: str) -> str:
    claims = {"iss": "https://sts.example", "sub": "role", "aud": audience, "exp": int(time.time()) + 300}
    parts = [{"alg": "RS256"}, claims]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, "c2ln"])


class Aws:
    """STS, Cognito and a token endpoint on loopback."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, str]] = []
        aws = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                aws.requests.append((self.path, self.headers.get("authorization", ""), body))
                answers = {
                    "/sts": {"GetWebIdentityTokenResult": {"WebIdentityToken": jwt(AUDIENCE)}},
                    "/cognito": {"IdentityId": POOL, "Token": jwt(POOL)},
                    "/token": {"token_type": "Bearer", "expires_in": 3599, "access_token": "a-token"},
                }
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(answers[self.path]).encode())

            def log_message(self, *_: object) -> None:
                """Prints nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base_url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    running = Aws()
    thread = threading.Thread(target=running.server.serve_forever)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"{running.base_url}/sts")
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY", f"{running.base_url}/cognito")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    yield running
    running.server.shutdown()
    running.server.server_close()
    thread.join()


def token(aws: Aws, source: AwsWebIdentity | AwsCognito) -> str:
    authority = {"token_endpoint": f"{aws.base_url}/token"}
    with WorkloadIdentity(client_id="app", authority=authority, source=source) as identity:
        return identity.get_token("a-scope").token


def test_the_environments_credentials_sign(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-key")
    assert token(aws, AwsWebIdentity(audience=AUDIENCE)) == "a-token"
    path, authorization, body = aws.requests[0]
    assert path == "/sts"
    assert authorization.startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert "Action=GetWebIdentityToken" in body


def test_credentials_of_the_caller_sign(aws: Aws) -> None:
    credentials = AwsCredentials("AKIDOTHER", "a-secret-key", "a-session-token")
    source = AwsCognito(POOL, logins={"login.example": "app"}, credentials=credentials)
    assert token(aws, source) == "a-token"
    path, authorization, body = aws.requests[0]
    assert path == "/cognito"
    assert "Credential=AKIDOTHER/" in authorization
    assert json.loads(body)["Logins"] == {"login.example": "app"}


def test_no_secret_is_shown(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = AwsCredentials("AKIDOTHER", "a-secret-key", "a-session-token")
    source = AwsWebIdentity(credentials=credentials)
    assert "a-se" not in repr(credentials) + repr(source)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret\nkey")
    with pytest.raises(ConfigurationError) as refused:
        token(aws, AwsWebIdentity())
    assert refused.value.code == "config_invalid"
    assert "AWS_SECRET_ACCESS_KEY" in str(refused.value) and "a-secret" not in str(refused.value)
    assert aws.requests == []


def test_irsa_says_what_sets_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_WEB_IDENTITY_TOKEN_FILE", raising=False)
    with pytest.raises(SourceError) as refused:
        WorkloadIdentity(client_id="app", authority={"token_endpoint": "https://a.example"}, source=AwsIrsa())
    assert refused.value.code == "environment_incomplete"
    assert "AWS_WEB_IDENTITY_TOKEN_FILE" in str(refused.value)
