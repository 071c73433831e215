"""Gets one app token with an official Python client, used as its own documentation says.

Standard input: {"client", "authority", "tenant_id", "client_id", "assertion", "token_file", "scope",
"claims", "enable_cae", "environment", "identity"}; the last four may be absent. `environment` has variables to set,
`identity` the id of a user-assigned managed identity: {"client_id", "object_id" or "resource_id"}.
Standard output: {"token", "expires_in"} or {"error"}. The certificate authority comes from REQUESTS_CA_BUNDLE.
"""

import json
import os
import sys
import time


def msal(job):
    import msal

    application = msal.ConfidentialClientApplication(
        job["client_id"],
        authority=f"{job['authority']}/{job['tenant_id']}",
        client_credential={"client_assertion": lambda: job["assertion"]},
        instance_discovery=False,
        validate_authority=False,
        client_capabilities=["cp1"] if job.get("enable_cae") else None,
    )
    answer = application.acquire_token_for_client(scopes=[job["scope"]], claims_challenge=job.get("claims"))
    if "access_token" not in answer:
        return {"error": answer}
    return {"token": answer["access_token"], "expires_in": answer["expires_in"]}


def client_assertion(job):
    from azure.identity import ClientAssertionCredential

    return of(
        ClientAssertionCredential(
            job["tenant_id"], job["client_id"], lambda: job["assertion"],
            authority=job["authority"], disable_instance_discovery=True,
        ),
        job,
    )


def workload_identity(job):
    from azure.identity import WorkloadIdentityCredential

    return of(
        WorkloadIdentityCredential(
            tenant_id=job["tenant_id"], client_id=job["client_id"], token_file_path=job["token_file"],
            authority=job["authority"], disable_instance_discovery=True,
            enable_azure_proxy="AZURE_KUBERNETES_TOKEN_PROXY" in os.environ,
        ),
        job,
    )


def azure_pipelines(job):
    from azure.identity import AzurePipelinesCredential

    return of(
        AzurePipelinesCredential(
            tenant_id=job["tenant_id"], client_id=job["client_id"],
            service_connection_id=os.environ["AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"],
            system_access_token=os.environ["SYSTEM_ACCESSTOKEN"],
            authority=job["authority"], disable_instance_discovery=True,
        ),
        job,
    )


def managed_identity(job):
    from azure.identity import ManagedIdentityCredential

    return of(ManagedIdentityCredential(identity_config=job["identity"]), job)


def msal_managed_identity(job):
    import requests
    from msal import ManagedIdentityClient, SystemAssignedManagedIdentity, UserAssignedManagedIdentity

    identity = UserAssignedManagedIdentity(**job["identity"]) if job["identity"] else SystemAssignedManagedIdentity()
    client = ManagedIdentityClient(identity, http_client=requests.Session())
    answer = client.acquire_token_for_client(resource=job["scope"].removesuffix("/.default"))
    if "access_token" not in answer:
        return {"error": answer}
    return {"token": answer["access_token"], "expires_in": answer["expires_in"]}


def of(credential, job):
    from azure.core.exceptions import ClientAuthenticationError

    try:
        answer = credential.get_token(
            job["scope"], claims=job.get("claims"), enable_cae=job.get("enable_cae", False)
        )
    except ClientAuthenticationError as refused:
        return {"error": refused.message}
    return {"token": answer.token, "expires_in": answer.expires_on - int(time.time())}


CLIENTS = {
    "msal": msal,
    "azure-identity ClientAssertionCredential": client_assertion,
    "azure-identity WorkloadIdentityCredential": workload_identity,
    "azure-identity AzurePipelinesCredential": azure_pipelines,
    "azure-identity ManagedIdentityCredential": managed_identity,
    "msal ManagedIdentityClient": msal_managed_identity,
}

job = json.load(sys.stdin)
os.environ.update(job.get("environment", {}))
json.dump(CLIENTS[job["client"]](job), sys.stdout)
