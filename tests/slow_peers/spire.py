"""A SPIRE server with an agent and an OpenID Connect discovery provider, on free loopback ports and in a folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from programs import REPOSITORY, peer

sys.path.insert(0, str(REPOSITORY / "tests" / "peers"))

from server import Server, answers, free_port  # noqa: E402

TRUST_DOMAIN = "example.org"
SPIFFE_ID = f"spiffe://{TRUST_DOMAIN}/workload"
NODE_ID = f"spiffe://{TRUST_DOMAIN}/node"

SERVER = """
server {{
  bind_address = "127.0.0.1"
  bind_port = "{port}"
  socket_path = "{folder}/server.sock"
  trust_domain = "{domain}"
  data_dir = "{folder}/server"
  jwt_issuer = "{issuer}"
  jwt_key_type = "rsa-2048"
}}
plugins {{
  DataStore "sql" {{ plugin_data {{ database_type = "sqlite3", connection_string = "{folder}/server/data.sqlite3" }} }}
  KeyManager "memory" {{ plugin_data {{}} }}
  NodeAttestor "join_token" {{ plugin_data {{}} }}
}}
"""
AGENT = """
agent {{
  server_address = "127.0.0.1"
  server_port = "{port}"
  socket_path = "{folder}/agent.sock"
  trust_bundle_path = "{folder}/bundle.pem"
  trust_domain = "{domain}"
  data_dir = "{folder}/agent"
}}
plugins {{
  KeyManager "memory" {{ plugin_data {{}} }}
  NodeAttestor "join_token" {{ plugin_data {{}} }}
  WorkloadAttestor "unix" {{ plugin_data {{}} }}
}}
"""
DISCOVERY = """
domains = ["127.0.0.1"]
allow_insecure_scheme = true
insecure_addr = "127.0.0.1:{port}"
jwt_issuer = "{issuer}"
set_key_use = true
server_api {{ address = "unix://{folder}/server.sock" }}
"""


class Spire:
    """`start`, `register`, `stop`. Before `register` the agent denies every call of this user."""

    def __init__(self) -> None:
        # The path of a Unix socket has at most 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="spire-"))
        self.issuer = ""
        self.socket = f"unix://{self.folder}/agent.sock"
        self._servers = [
            Server(name, self.folder / f"{name}.log")
            for name in ("spire-server", "spire-agent", "oidc-discovery-provider")
        ]

    def start(self) -> None:
        port, discovery_port = free_port(), free_port()
        self.issuer = f"http://127.0.0.1:{discovery_port}"
        for name in ("server", "agent"):
            (self.folder / name).mkdir()
        server, agent, discovery = self._servers
        server.start([peer("spire-server"), "run", "-config", self._write("server", SERVER, port)])
        server.wait_until(lambda: self._is_healthy("spire-server", "server"))
        (self.folder / "bundle.pem").write_text(self.server("bundle", "show"))
        made = self.server("token", "generate", "-spiffeID", NODE_ID, "-output", "json")
        join_token = json.loads(made)["value"]
        config = self._write("agent", AGENT, port)
        agent.start([peer("spire-agent"), "run", "-config", config, "-joinToken", join_token])
        agent.wait_until(lambda: self._is_healthy("spire-agent", "agent"))
        config = self._write("discovery", DISCOVERY, discovery_port)
        discovery.start([peer("oidc-discovery-provider"), "-config", config])
        discovery.wait_until(lambda: answers(f"{self.issuer}/keys"))

    def register(self) -> None:
        """Creates the registration entry of this user, and waits until the agent has it."""
        selector = f"unix:uid:{os.getuid()}"
        self.server("entry", "create", "-parentID", NODE_ID, "-spiffeID", SPIFFE_ID, "-selector", selector)
        end = time.monotonic() + 60
        while self.fetch("api://ready") is None:
            assert time.monotonic() < end, "the agent does not get the entry"
            time.sleep(0.5)

    def fetch(self, audience: str) -> str | None:
        """Returns the JWT-SVID that SPIRE's own client gets, or nothing if it is denied."""
        done = subprocess.run(
            [peer("spire-agent"), "api", "fetch", "jwt", "-audience", audience, "-output", "json", *self._at("agent")],
            capture_output=True, text=True, timeout=60,
        )
        return json.loads(done.stdout)[0]["svids"][0]["svid"] if done.returncode == 0 else None

    def bundle(self) -> Any:
        """Returns the trust bundle of the trust domain, as the server exports it."""
        return json.loads(self.server("bundle", "show", "-format", "spiffe"))

    def published_keys(self) -> Any:
        """Returns the key set of the discovery provider, which is what Entra fetches."""
        with urllib.request.urlopen(f"{self.issuer}/keys", timeout=10) as answer:
            return json.load(answer)

    def server(self, *arguments: str) -> str:
        """Runs `spire-server` and returns its output."""
        command = [peer("spire-server"), *arguments, *self._at("server")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop(self) -> None:
        for server in reversed(self._servers):
            server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _at(self, name: str) -> list[str]:
        return ["-socketPath", f"{self.folder}/{name}.sock"]

    def _is_healthy(self, program: str, name: str) -> bool:
        command = [peer(program), "healthcheck", *self._at(name)]
        return subprocess.run(command, capture_output=True, timeout=60).returncode == 0

    def _write(self, name: str, template: str, port: int) -> Path:
        path = self.folder / f"{name}.conf"
        path.write_text(template.format(folder=self.folder, port=port, domain=TRUST_DOMAIN, issuer=self.issuer))
        return path
