"""Gets one token with our Python package.

Standard input: {"options", "assertion", "token_file" or "source", "scope", "claims", "enable_cae",
"asynchronous", "environment"}; `options` are the constructor's, the last four may be absent. `environment` has
variables to set; with `source`, the class of a source and its arguments, they are passed on.
Standard output: {"token", "expires_in"} or {"error"}.
"""

import asyncio
import json
import os
import sys
import time

import workload_identity
from workload_identity import TokenFile, WorkloadIdentityError, aio


def source(job):
    if "source" in job:
        name, arguments = job["source"]
        return getattr(workload_identity, name)(**arguments)
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
    os.environ.update(job.get("environment", {}))
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
