"""Gets one token with our Python package.

Standard input: {"options", "assertion" or "token_file", "scope", "claims", "enable_cae",
"asynchronous"}; `options` are the constructor's, the last three may be absent.
Standard output: {"token", "expires_in"} or {"error"}.
"""

import asyncio
import json
import sys
import time

import workload_identity
from workload_identity import TokenFile, WorkloadIdentityError, aio


def source(job):
    return TokenFile(job["token_file"]) if job.get("token_file") else lambda: job["assertion"]


def extras(job):
    return {"claims": job.get("claims"), "enable_cae": job.get("enable_cae", False)}


def synchronous(job):
    with workload_identity.WorkloadIdentity(source=source(job), **job["options"]) as identity:
        return identity.get_token(job["scope"], **extras(job))


async def asynchronous(job):
    async with aio.WorkloadIdentity(source=source(job), **job["options"]) as identity:
        return await identity.get_token(job["scope"], **extras(job))


def outcome(job):
    try:
        answer = asyncio.run(asynchronous(job)) if job.get("asynchronous") else synchronous(job)
    except WorkloadIdentityError as error:
        return {
            "error": {
                "class": type(error).__name__,
                "code": error.code,
                "aadsts": list(error.aadsts),
                "http_status": error.http_status,
                "presented": error.presented,
                "text": f"{error} {error!r}",
            }
        }
    return {"token": answer.token, "expires_in": answer.expires_on - int(time.time())}


json.dump(outcome(json.load(sys.stdin)), sys.stdout)
