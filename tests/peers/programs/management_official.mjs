// Manages federated identity credentials with @azure/arm-msi, used as its own documentation says.
//
// Standard input and standard output: as of management_official.py. The certificate authority comes from NODE_EXTRA_CA_CERTS.

import { createInterface } from "node:readline/promises";
import { ManagedServiceIdentityClient } from "@azure/arm-msi";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const job = JSON.parse((await lines.next()).value);
const [, , subscription, , group, ...rest] = job.identity.split("/");
const identity = [group, rest.at(-1)];
const credential = {
  getToken: async () => ({ token: job.token, expiresOnTimestamp: Date.now() + 3_000_000 }),
};
const client = new ManagedServiceIdentityClient(credential, subscription, {
  endpoint: job.service,
  credentialScopes: ["https://management.azure.com/.default"],
  retryOptions: { maxRetries: 0 },
}).federatedIdentityCredentials;

const ours = ({ id, name, issuer, subject, audiences: [audience] }) => ({ id, name, issuer, subject, audience });

async function upsert({ credential: wanted }) {
  const { name, issuer, subject, audience } = wanted;
  const body = { issuer, subject, audiences: [audience] };
  return { credential: ours(await client.createOrUpdate(...identity, name, body)) };
}

const operations = {
  async list() {
    const credentials = [];
    for await (const known of client.list(...identity)) credentials.push(ours(known));
    return { credentials };
  },
  get: async ({ name }) => ({ credential: ours(await client.get(...identity, name)) }),
  // The service has one call for both.
  create: upsert,
  upsert,
  async update({ credential: wanted }) {
    const known = await operations.get(wanted);
    return upsert({ credential: { ...known.credential, ...wanted } });
  },
  async delete({ name }) {
    await client.delete(...identity, name);
    return { deleted: true };
  },
};

for await (const line of lines) {
  const operation = JSON.parse(line);
  const outcome = operations[operation.operation](operation);
  const error = ({ statusCode, code, message }) => ({ error: { status: statusCode, code, message } });
  console.log(JSON.stringify(await outcome.catch(error)));
}
