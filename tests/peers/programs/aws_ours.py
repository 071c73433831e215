"""Asks AWS STS for a web identity token with the core of our Python package, at an instant of the caller's choice.

Arguments: unix milliseconds, and the address of a token endpoint. The environment says where credentials and STS are.
Standard output: {"token"}, an access token of the token endpoint.
"""

import json
import os
import sys
import urllib.error
import urllib.request

from workload_identity import _native

now, endpoint = int(sys.argv[1]), sys.argv[2]
names = json.loads(_native.environment_names())
engine = _native.Engine(
    json.dumps(
        {
            "authority": {"token_endpoint": endpoint},
            "client_id": "a-client",
            "source": {"kind": "aws", "region": "eu-west-1", "audience": "api://AzureADTokenExchange"},
            "environment": {name: os.environ[name] for name in names if name in os.environ},
        }
    ).encode()
)
engine.reseed(bytes(32))
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def perform(effect):
    """Returns the arguments of `resolve` behind the effect's id."""
    if effect["kind"] == "read_file":
        try:
            with open(effect["path"], "rb") as file:
                return "file", 0, b"", file.read(effect["max_bytes"] + 1)
        except FileNotFoundError:
            return "failed", 0, b"not_found", b""
    assert effect["kind"] == "http", effect
    request = urllib.request.Request(
        effect["url"],
        effect["body"].encode() or None,
        effect["headers"],
        method=effect["method"],
    )
    with opener.open(request, timeout=60) as answer:
        return "http", answer.status, b"", answer.read()


ticket = engine.begin(json.dumps({"scopes": ["a-scope"]}).encode())
while True:
    step = json.loads(engine.poll(ticket, now))
    if step["step"] != "perform":
        break
    kind, status, head, body = perform(step["effect"])
    engine.resolve(step["effect"]["id"], kind, status, head, body, now)
assert step["step"] == "done", step
json.dump({"token": step["value"]["token"]}, sys.stdout)
