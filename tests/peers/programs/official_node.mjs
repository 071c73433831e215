// Gets one app token with an official Node.js client, used as its own documentation says.
//
// Standard input: {"client", "authority", "tenant_id", "client_id", "assertion", "token_file", "scope",
// "claims", "enable_cae"}; the last two may be absent.
// Standard output: {"token", "expires_in"} or {"error"}. The certificate authority comes from NODE_EXTRA_CA_CERTS.

import { text } from "node:stream/consumers";
import { ClientAssertionCredential, WorkloadIdentityCredential } from "@azure/identity";
import { ConfidentialClientApplication } from "@azure/msal-node";

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
};

const job = JSON.parse(await text(process.stdin));
try {
  console.log(JSON.stringify(await clients[job.client](job)));
} catch (error) {
  console.log(JSON.stringify({ error: String(error.message) }));
}
