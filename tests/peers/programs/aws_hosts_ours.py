"""Prints the addresses that our core asks: one for each place of a list, `null` where it refuses the place.

Standard input: a JSON list of {"service", "region", "environment"}.
"""

import json
import sys

from workload_identity import _native


def address(service, region, environment):
    pool = f"{region}:11111111-2222-3333-4444-555555555555"
    sources = {
        "sts": {"kind": "aws", "region": region},
        "cognito-identity": {"kind": "aws_cognito", "identity_pool_id": pool, "logins": {"a": "b"}},
    }
    config = {
        "authority": {"token_endpoint": "https://issuer.example/token"},
        "client_id": "a-client",
        "source": sources[service],
        "environment": environment,
    }
    try:
        engine = _native.Engine(json.dumps(config).encode())
    except ValueError:
        return None
    engine.reseed(bytes(32))
    ticket = engine.begin(json.dumps({"scopes": ["a-scope"]}).encode())
    while True:
        step = json.loads(engine.poll(ticket, 0))
        if step["step"] != "perform":
            return None
        effect = step["effect"]
        if effect["kind"] == "http":
            return effect["url"]
        if effect["kind"] == "sleep":
            engine.resolve(effect["id"], "elapsed", 0, b"", b"", 0)
            continue
        with open(effect["path"], "rb") as file:
            engine.resolve(effect["id"], "file", 0, b"", file.read(), 0)


json.dump([address(**place) for place in json.load(sys.stdin)], sys.stdout)
