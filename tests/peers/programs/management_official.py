"""Manages federated identity credentials with an official Python client, used as its own documentation says.

Standard input: a line {"client", "service", "identity", "token", "ca_file"}, then lines with operations. `service` is the
address of Microsoft Graph or of Azure Resource Manager, `identity` an object id or a resource id. An operation is a request
of our Manager (docs/protocol.md, section 11).
Standard output: a line for each operation with the manager's answer, or {"error": {"status", "code"}}.
"""

import asyncio
import json
import ssl
import sys
import time
import urllib.parse


class Token:
    """A credential that has its token already."""

    def __init__(self, token):
        self.token = token

    def get_token(self, *scopes, **options):
        from azure.core.credentials import AccessToken

        return AccessToken(self.token, int(time.time()) + 3000)


class AsyncToken(Token):
    async def get_token(self, *scopes, **options):
        return super().get_token(*scopes, **options)

    async def close(self):
        """Has nothing to close."""


def msgraph(job):
    import httpx
    from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
    from msgraph import GraphRequestAdapter, GraphServiceClient
    from msgraph_core import GraphClientFactory

    context = ssl.create_default_context(cafile=job["ca_file"])
    client = GraphClientFactory.create_with_default_middleware(client=httpx.AsyncClient(verify=context))
    provider = AzureIdentityAuthenticationProvider(
        AsyncToken(job["token"]),
        scopes=["https://graph.microsoft.com/.default"],
        allowed_hosts=[urllib.parse.urlsplit(job["service"]).hostname],
    )
    adapter = GraphRequestAdapter(provider, client)
    adapter.base_url = f"{job['service']}/v1.0"
    graph = Graph(GraphServiceClient(request_adapter=adapter), job["identity"])
    runner = asyncio.Runner()

    def outcome(operation):
        from kiota_abstractions.api_error import APIError

        try:
            return runner.run(getattr(graph, operation["operation"])(operation))
        except APIError as error:
            return {"error": {"status": error.response_status_code, "code": error.error.code}}

    return outcome


class Graph:
    """The operations with msgraph-sdk."""

    def __init__(self, client, object_id):
        application = client.applications.by_application_id(object_id)
        self.collection = application.federated_identity_credentials
        self.by_name = application.federated_identity_credentials_with_name

    def item(self, name):
        return self.collection.by_federated_identity_credential_id(name)

    async def list(self, operation):
        page = await self.collection.get()
        found = list(page.value)
        while page.odata_next_link:
            page = await self.collection.with_url(page.odata_next_link).get()
            found += page.value
        return {"credentials": [from_graph(known) for known in found]}

    async def get(self, operation):
        return {"credential": from_graph(await self.item(operation["name"]).get())}

    async def create(self, operation):
        return {"credential": from_graph(await self.collection.post(to_graph(operation["credential"])))}

    async def update(self, operation):
        wanted = dict(operation["credential"])
        name = wanted.pop("name")
        await self.item(name).patch(to_graph(wanted))
        return await self.get({"name": name})

    async def upsert(self, operation):
        from kiota_abstractions.base_request_configuration import RequestConfiguration

        wanted = dict(operation["credential"])
        name = wanted.pop("name")
        configuration = RequestConfiguration()
        configuration.headers.add("Prefer", "create-if-missing")
        await self.by_name(name).patch(to_graph(wanted), request_configuration=configuration)
        return await self.get({"name": name})

    async def delete(self, operation):
        await self.item(operation["name"]).delete()
        return {"deleted": True}


def to_graph(wanted):
    from msgraph.generated.models.federated_identity_credential import FederatedIdentityCredential

    wanted = dict(wanted)
    if "audience" in wanted:
        wanted["audiences"] = [wanted.pop("audience")]
    return FederatedIdentityCredential(**wanted)


def from_graph(known):
    [audience] = known.audiences
    values = {
        "id": known.id, "name": known.name, "issuer": known.issuer, "subject": known.subject,
        "audience": audience, "description": known.description,
    }
    return {name: value for name, value in values.items() if value is not None}


def azure_mgmt_msi(job):
    from azure.core.exceptions import HttpResponseError
    from azure.mgmt.msi import ManagedServiceIdentityClient

    _, _, subscription, _, group, *_, name = job["identity"].split("/")
    client = ManagedServiceIdentityClient(
        Token(job["token"]), subscription, base_url=job["service"], connection_verify=job["ca_file"],
        credential_scopes=["https://management.azure.com/.default"], retry_total=0,
    )
    arm = Arm(client.federated_identity_credentials, (group, name))

    def outcome(operation):
        try:
            return getattr(arm, operation["operation"])(operation)
        except HttpResponseError as error:
            return {"error": {"status": error.status_code, "code": error.error.code}}

    return outcome


class Arm:
    """The operations with azure-mgmt-msi."""

    def __init__(self, client, identity):
        self.client, self.identity = client, identity

    def list(self, operation):
        return {"credentials": [from_arm(known) for known in self.client.list(*self.identity)]}

    def get(self, operation):
        return {"credential": from_arm(self.client.get(*self.identity, operation["name"]))}

    def upsert(self, operation):
        from azure.mgmt.msi.models import FederatedIdentityCredential

        wanted = operation["credential"]
        body = FederatedIdentityCredential(
            issuer=wanted["issuer"], subject=wanted["subject"], audiences=[wanted["audience"]]
        )
        return {"credential": from_arm(self.client.create_or_update(*self.identity, wanted["name"], body))}

    # The service has one call for both.
    create = upsert

    def update(self, operation):
        known = self.get({"name": operation["credential"]["name"]})["credential"]
        return self.upsert({"credential": {**known, **operation["credential"]}})

    def delete(self, operation):
        self.client.delete(*self.identity, operation["name"])
        return {"deleted": True}


def from_arm(known):
    [audience] = known.audiences
    return {
        "id": known.id, "name": known.name, "issuer": known.issuer, "subject": known.subject, "audience": audience,
    }


CLIENTS = {"msgraph-sdk": msgraph, "azure-mgmt-msi": azure_mgmt_msi}

if __name__ == "__main__":
    job = json.loads(sys.stdin.readline())
    outcome = CLIENTS[job["client"]](job)
    for line in sys.stdin:
        print(json.dumps(outcome(json.loads(line))), flush=True)
