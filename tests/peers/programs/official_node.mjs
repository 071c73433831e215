// Gets one app token with an official Node.js client, used as its own documentation says.
//
// Standard input: {"client", "authority", "tenant_id", "client_id", "assertion", "token_file", "scope",
// "claims", "enable_cae", "environment", "identity"}; the last four may be absent. `environment` has variables to set,
// `identity` the id of a user-assigned managed identity: {"client_id", "object_id" or "resource_id"}.
// Standard output: {"token", "expires_in"} or {"error"}. The certificate authority comes from NODE_EXTRA_CA_CERTS.

import { text } from "node:stream/consumers";
import {
  AzurePipelinesCredential,
  ClientAssertionCredential,
  ManagedIdentityCredential,
  WorkloadIdentityCredential,
} from "@azure/identity";
import { ConfidentialClientApplication, ManagedIdentityApplication } from "@azure/msal-node";

const secondsUntil = (milliseconds) => Math.round((milliseconds - Date.now()) / 1000);

async function msalNode(job) {
  const application = new ConfidentialClientApplication({
    auth: {
      clientId: job.client_id,
      authority: `${job.authority}/${job.tenant_id}`,
      knownAuthorities: [new URL(job.authority).host],
      clientAssertion: async () => job.assertion,
      clientCapabilities: job.enable_cae ? ["cp1"] : [],
    },
  });
  const answer = await application.acquireTokenByClientCredential({ scopes: [job.scope], claims: job.claims });
  return { token: answer.accessToken, expires_in: secondsUntil(answer.expiresOn.getTime()) };
}

/** Their names of an identity, with a prefix, from {"client_id", "object_id" or "resource_id"}. */
const named = (identity, prefix) =>
  Object.fromEntries(
    Object.entries(identity).map(([name, id]) => {
      const [kind] = name.split("_");
      return [prefix ? `${prefix}${kind[0].toUpperCase()}${kind.slice(1)}Id` : `${kind}Id`, id];
    }),
  );

async function msalManagedIdentity(job) {
  const application = new ManagedIdentityApplication({
    managedIdentityIdParams: named(job.identity, "userAssigned"),
  });
  const answer = await application.acquireToken({ resource: job.scope.replace("/.default", "") });
  return { token: answer.accessToken, expires_in: secondsUntil(answer.expiresOn.getTime()) };
}

async function ofCredential(credential, job) {
  const answer = await credential.getToken(job.scope, { claims: job.claims, enableCae: job.enable_cae });
  return { token: answer.token, expires_in: secondsUntil(answer.expiresOnTimestamp) };
}

const options = (job) => ({ authorityHost: job.authority, disableInstanceDiscovery: true });

const clients = {
  "@azure/msal-node": msalNode,
  "@azure/identity ClientAssertionCredential": (job) =>
    ofCredential(
      new ClientAssertionCredential(job.tenant_id, job.client_id, async () => job.assertion, options(job)),
      job,
    ),
  "@azure/identity WorkloadIdentityCredential": (job) =>
    ofCredential(
      new WorkloadIdentityCredential({
        tenantId: job.tenant_id,
        clientId: job.client_id,
        tokenFilePath: job.token_file,
        ...options(job),
      }),
      job,
    ),
  "@azure/identity AzurePipelinesCredential": (job) =>
    ofCredential(
      new AzurePipelinesCredential(
        job.tenant_id,
        job.client_id,
        process.env.AZURESUBSCRIPTION_SERVICE_CONNECTION_ID,
        process.env.SYSTEM_ACCESSTOKEN,
        options(job),
      ),
      job,
    ),
  "@azure/identity ManagedIdentityCredential": (job) =>
    ofCredential(new ManagedIdentityCredential(named(job.identity)), job),
  "@azure/msal-node ManagedIdentityApplication": msalManagedIdentity,
};

const job = JSON.parse(await text(process.stdin));
Object.assign(process.env, job.environment);
try {
  console.log(JSON.stringify(await clients[job.client](job)));
} catch (error) {
  console.log(JSON.stringify({ error: String(error.message) }));
}
