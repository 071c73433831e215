"""Keycloak as an independent token endpoint: clients authenticate with the JWT of an external issuer."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

from http_json import Answer, call, succeed
from server import Server, answers, free_port

VERSION = "26.7.3"
ARTIFACT = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
REALM = "workloads"
IDENTITY_PROVIDER = "openbao"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ADMIN = {"KC_BOOTSTRAP_ADMIN_USERNAME": "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD": "admin"}


def installed(cache: Path) -> Path:
    """Returns the unpacked distribution in `cache`. Maven downloads it once."""
    home = cache / f"keycloak-{VERSION}"
    if home.is_dir():
        return home
    archive = cache / f"keycloak-quarkus-dist-{VERSION}.zip"
    cache.mkdir(parents=True, exist_ok=True)
    if not archive.is_file():
        if shutil.which("mvn") is None:
            raise FileNotFoundError(f"{archive}: Maven fetches it; install `mvn`")
        subprocess.run(
            ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={cache}"],
            check=True, timeout=600,
        )
    # Unpacked under another name and then renamed, so that an interrupted run leaves no incomplete folder.
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        with zipfile.ZipFile(archive) as content:
            content.extractall(scratch)
        unpacked = Path(scratch) / f"keycloak-{VERSION}"
        (unpacked / "bin" / "kc.sh").chmod(0o755)
        unpacked.rename(home)
    return home


class Keycloak:
    """A development server (memory only) with one realm that trusts one external issuer."""

    def __init__(self, home: Path, log: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.issuer = f"{self.url}/realms/{REALM}"
        self.token_endpoint = f"{self.issuer}/protocol/openid-connect/token"
        self.jwks_url = f"{self.issuer}/protocol/openid-connect/certs"
        self._home, self._port = home, port
        self._server = Server("Keycloak", log)

    def start(self) -> None:
        """Starts the server and returns at once; `wait` before using it."""
        java = java_home()
        self._server.start(
            [
                self._home / "bin" / "kc.sh", "start-dev", "--db=dev-mem",
                "--http-host=127.0.0.1", f"--http-port={self._port}",
            ],
            # The first compiler tier halves the start; the server answers a few dozen requests only.
            {**ADMIN, "JAVA_OPTS_APPEND": "-XX:TieredStopAtLevel=1", **({"JAVA_HOME": java} if java else {})},
        )

    def wait(self) -> None:
        """Waits for the server. The very first start after unpacking also builds its image."""
        self._server.wait_until(lambda: answers(f"{self.url}/realms/master"))

    def stop(self) -> None:
        """Stops the server."""
        self._server.stop()

    def trust(self, issuer: str, jwks_url: str) -> None:
        """Creates the realm and, in it, the identity provider whose tokens may be client assertions."""
        self._create("", {"realm": REALM, "enabled": True, "sslRequired": "none"})
        self.add_identity_provider(IDENTITY_PROVIDER, issuer, jwks_url)

    def add_identity_provider(self, alias: str, issuer: str, jwks_url: str) -> None:
        """Adds an issuer whose tokens may be client assertions."""
        self._create(
            f"/{REALM}/identity-provider/instances",
            {
                "alias": alias,
                "providerId": "oidc",
                "enabled": True,
                "config": {
                    "issuer": issuer,
                    "useJwksUrl": "true",
                    "jwksUrl": jwks_url,
                    "validateSignature": "true",
                    "supportsClientAssertions": "true",
                    # OpenBao's tokens carry no jti, and a cached assertion may be presented twice.
                    "supportsClientAssertionReuse": "true",
                    "clientId": "unused",
                    "clientSecret": "unused",
                    "authorizationUrl": f"{issuer}/authorize",
                    "tokenUrl": f"{issuer}/token",
                },
            },
        )

    def add_client(self, client_id: str, subject: str, provider: str = IDENTITY_PROVIDER) -> None:
        """A confidential client that authenticates with a trusted issuer's token about `subject`."""
        self._create(
            f"/{REALM}/clients",
            {
                "clientId": client_id,
                "protocol": "openid-connect",
                "publicClient": False,
                "standardFlowEnabled": False,
                "serviceAccountsEnabled": True,
                "clientAuthenticatorType": "federated-jwt",
                "attributes": {"jwt.credential.issuer": provider, "jwt.credential.sub": subject},
            },
        )

    def exchange(self, assertion: str, client_id: str) -> Answer:
        """Sends the exchange as a plain form POST, which shows the behaviour of the peer without our packages."""
        return call(
            "POST",
            self.token_endpoint,
            form={
                "grant_type": "client_credentials",
                "client_id": client_id,
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": assertion,
            },
        )

    def _create(self, path: str, body: dict[str, object]) -> None:
        # A new log-in each time: its token lives for a minute.
        login = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}
        token = succeed(call("POST", f"{self.url}/realms/master/protocol/openid-connect/token", form=login)).body
        admin = {"Authorization": f"Bearer {token['access_token']}"}
        succeed(call("POST", f"{self.url}/admin/realms{path}", json_body=body, headers=admin))


def java_home() -> str | None:
    """`JAVA_HOME`, if the caller chose one; otherwise the `java` on the path is used."""
    chosen = os.environ.get("JAVA_HOME")
    if not chosen and shutil.which("java") is None:
        raise FileNotFoundError("Keycloak needs a Java 17 runtime or newer: set JAVA_HOME")
    return chosen
