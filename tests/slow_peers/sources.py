"""Our programs with a token source: `wif`, the Python package and the Node.js package. Each returns a token or a code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from programs import wif

SCOPE = "https://vault.azure.net/.default"
PYTHON = """
import json, sys
import workload_identity
from workload_identity import WorkloadIdentity, WorkloadIdentityError
job = json.load(sys.stdin)
source = getattr(workload_identity, job["python"])(**job["members"])
try:
    with WorkloadIdentity(source=source, **job["options"]) as identity:
        print(json.dumps({"token": identity.get_token(job["scope"]).token}))
except WorkloadIdentityError as error:
    print(json.dumps({"code": error.code, "message": str(error)}))
"""
NODE = """
import * as packaged from "workload-identity";
import { readFileSync } from "node:fs";
const job = JSON.parse(readFileSync(0, "utf8"));
const camelCase = (members) => Object.fromEntries(
  Object.entries(members).map(([name, value]) => [name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()), value]));
const source = packaged[job.node](camelCase(job.members));
try {
  const identity = new packaged.WorkloadIdentity({ source, ...camelCase(job.options) });
  console.log(JSON.stringify({ token: (await identity.getToken(job.scope)).token }));
} catch (error) {
  console.log(JSON.stringify({ code: error.code, message: error.message }));
}
"""


def run(
    program: str, kind: Mapping[str, str], members: Mapping[str, str], facts: Mapping[str, Any], folder: Path
) -> Any:
    """Gets one access token at the emulator. `kind` has the source's name for each program, `folder` the npm packages."""
    options = {
        "tenant_id": facts["tenant_id"],
        "client_id": facts["client_id"],
        "authority_host": facts["base_url"],
    }
    if program == "wif":
        command: list[str | Path] = [wif(), "token", "--json", "--scope", SCOPE, "--source", kind["wif"]]
        for name, value in members.items():
            command += ["--source-option", f"{name}={value}"]
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}", value]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        return json.loads(done.stdout if done.returncode == 0 else done.stderr)
    script = folder / "source.mjs"
    script.write_text(NODE)
    command = [sys.executable, "-c", PYTHON] if program == "python" else ["node", script]
    job = {**kind, "members": dict(members), "options": options, "scope": SCOPE}
    done = subprocess.run(command, input=json.dumps(job), cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
