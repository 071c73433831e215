// Manages federated identity credentials with our package for Node.js.
//
// Standard input and standard output: as of management_official.py. The certificate authority comes from NODE_EXTRA_CA_CERTS.

import { createInterface } from "node:readline/promises";
import { FederatedCredentials } from "workload-identity/management";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const job = JSON.parse((await lines.next()).value);
const credentials = new FederatedCredentials({
  credential: { getToken: async () => ({ token: job.token, expiresOnTimestamp: Date.now() + 3_000_000 }) },
  managedIdentity: job.identity,
  armUrl: job.service,
});

const one = async (credential) => ({ credential: await credential });
const operations = {
  list: async () => ({ credentials: await credentials.list() }),
  get: ({ name }) => one(credentials.get(name)),
  create: ({ credential }) => one(credentials.create(credential)),
  update: ({ credential }) => one(credentials.update(credential)),
  upsert: ({ credential }) => one(credentials.upsert(credential)),
  delete: async ({ name }) => ({ deleted: await credentials.delete(name) }),
};

for await (const line of lines) {
  const operation = JSON.parse(line);
  const outcome = operations[operation.operation](operation);
  const error = ({ httpStatus, code }) => ({ error: { status: httpStatus, code } });
  console.log(JSON.stringify(await outcome.catch(error)));
}
