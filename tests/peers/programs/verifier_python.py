"""Verifies tokens with our Python package until standard input ends. A job can advance its clock.

First line of standard input: {"issuer", "audience", "asynchronous"}; each further line is {"verify": TOKEN} or
{"advance": SECONDS}. One line of standard output answers each: {"key_id"} or {"error"}, {} for an advance.
"""

import asyncio
import json
import sys
import time

ahead = 0
real, real_ns = time.time, time.time_ns
time.time = lambda: real() + ahead
time.time_ns = lambda: real_ns() + ahead * 1_000_000_000

# Imported only now: modules may keep the functions of the clock.
import workload_identity  # noqa: E402
from workload_identity import WorkloadIdentityError, aio  # noqa: E402


def main():
    global ahead
    chosen = json.loads(sys.stdin.readline())
    module = aio if chosen["asynchronous"] else workload_identity
    verifier = module.TokenVerifier.oidc(
        issuer=chosen["issuer"], audience=chosen["audience"], allow_loopback_http=True
    )
    loop = asyncio.new_event_loop()
    for line in sys.stdin:
        job = json.loads(line)
        answer = {}
        if "advance" in job:
            ahead += job["advance"]
        else:
            answer = verify(loop, verifier, job["verify"])
        print(json.dumps(answer), flush=True)


def verify(loop, verifier, token):
    try:
        result = verifier.verify(token)
        claims = loop.run_until_complete(result) if asyncio.iscoroutine(result) else result
    except WorkloadIdentityError as error:
        return {"error": error.code}
    return {"key_id": claims.key_id}


main()
