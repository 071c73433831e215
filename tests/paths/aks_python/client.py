"""A client on azure-core, as Key Vault's is one, of the protected API that the emulator serves."""

import os

from azure.core import PipelineClient
from azure.core.exceptions import ClientAuthenticationError
from azure.core.pipeline.policies import BearerTokenCredentialPolicy
from azure.core.rest import HttpRequest
from workload_identity import TokenFile, WorkloadIdentity

SCOPE = "https://vault.azure.net/.default"
url = os.environ["API_URL"]


def status(identity: WorkloadIdentity) -> int:
    policy = BearerTokenCredentialPolicy(identity, SCOPE)
    with PipelineClient(url, policies=[policy]) as client:
        return client.send_request(HttpRequest("GET", url)).status_code


with WorkloadIdentity.from_environment() as identity:
    assert [status(identity) for _ in range(3)] == [200, 200, 200]

# Where azure-core is installed, an error is one of its own, as callers of its clients expect.
with WorkloadIdentity.from_environment(source=TokenFile("not-mounted")) as identity:
    try:
        status(identity)
    except ClientAuthenticationError as error:
        assert error.code == "token_file_missing", error
    else:
        raise AssertionError("a token without a source")
