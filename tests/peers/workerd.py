"""workerd, Cloudflare's runtime, serving a worker that imports our wasm package."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path
from typing import Any

from http_json import call, succeed
from node_packages import PROGRAMS
from server import Server, free_port

PACKAGE = "workload-identity-wasm"
COMPATIBILITY_DATE = "2026-11-01"


class Workerd:
    """One server; the worker trusts the certificates of `ca_file` and may reach loopback."""

    def __init__(self, program: Path, installed: Path, folder: Path, ca_file: Path) -> None:
        self._program, self._folder = program, folder
        self._port = free_port()
        folder.mkdir()
        self._server = Server("workerd", folder / "workerd.log")
        # Files can be embedded from beside the configuration only, so all of them are put there.
        for name in ("workload_worker.mjs", "workload.mjs"):
            shutil.copy(PROGRAMS / name, folder)
        shutil.copy(ca_file, folder / "authorities.pem")
        package = folder / PACKAGE
        shutil.copytree(installed / "node_modules" / PACKAGE, package)
        # The files that a bundler resolves for the condition `workerd`: workerd does not read node_modules.
        (folder / "package.mjs").write_text(f"export * from {json.dumps(_entry(package))};\n")
        modules = [
            _module("workload_worker.mjs", "workload_worker.mjs"),
            _module("workload.mjs", "workload.mjs"),
            _module(PACKAGE, "package.mjs"),
            *(_module(path, path) for path in _files(package)),
        ]
        (folder / "workerd.capnp").write_text(
            _CONFIG % {"modules": ",\n    ".join(modules), "date": COMPATIBILITY_DATE, "port": self._port}
        )

    def start(self) -> None:
        """Starts the server."""
        self._server.start([self._program, "serve", self._folder / "workerd.capnp"])
        self._server.wait_until(self._listens)

    def stop(self) -> None:
        """Stops the server."""
        self._server.stop()

    def run(self, job: dict[str, Any]) -> dict[str, Any]:
        """Returns the outcome of one job."""
        return succeed(call("POST", f"http://127.0.0.1:{self._port}/", json_body=job)).body

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0


def _files(package: Path) -> list[str]:
    found = (path for path in package.rglob("*") if path.suffix in (".js", ".wasm"))
    return sorted(f"{PACKAGE}/{path.relative_to(package)}" for path in found)


def _entry(package: Path) -> str:
    entry = json.loads((package / "package.json").read_text())["exports"]["."]["workerd"]
    return f"./{PACKAGE}/{str(entry).removeprefix('./')}"


def _module(name: str, path: str) -> str:
    kind = "wasm" if path.endswith(".wasm") else "esModule"
    return f"(name = {json.dumps(name)}, {kind} = embed {json.dumps(path)})"


_CONFIG = """using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (
      allow = ["local", "private"],
      tlsOptions = (trustedCertificates = [embed "authorities.pem"]),
    )),
  ],
  sockets = [(name = "http", address = "127.0.0.1:%(port)d", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [
    %(modules)s,
  ],
  compatibilityDate = "%(date)s",
);
"""
