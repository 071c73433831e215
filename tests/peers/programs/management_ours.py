"""Manages federated identity credentials with our Python package.

Standard input and standard output: as of management_official.py.
"""

import json
import sys
import time
from collections import namedtuple

from workload_identity import WorkloadIdentityError
from workload_identity.management import FederatedCredentials

AccessToken = namedtuple("AccessToken", ["token", "expires_on"])


class Token:
    """A credential that has its token already."""

    def __init__(self, token):
        self.token = token

    def get_token(self, *scopes, **options):
        return AccessToken(self.token, int(time.time()) + 3000)


def identity(job):
    if job["client"] == "msgraph-sdk":
        return {"app_object_id": job["identity"], "graph_url": job["service"]}
    return {"managed_identity": job["identity"], "arm_url": job["service"]}


def answer(credentials, operation):
    name, arguments = operation["operation"], operation.get("credential", operation.get("name"))
    method = getattr(credentials, name)
    if name == "list":
        return {"credentials": [members(known) for known in method()]}
    if name == "delete":
        return {"deleted": method(arguments)}
    return {"credential": members(method(arguments))}


def members(known):
    return {name: value for name, value in known._asdict().items() if value is not None}


def outcome(credentials, operation):
    try:
        return answer(credentials, operation)
    except WorkloadIdentityError as error:
        return {"error": {"status": error.http_status, "code": error.code}}


job = json.loads(sys.stdin.readline())
with FederatedCredentials(Token(job["token"]), ca_file=job["ca_file"], **identity(job)) as credentials:
    for line in sys.stdin:
        print(json.dumps(outcome(credentials, json.loads(line))), flush=True)
