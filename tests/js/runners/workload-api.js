// Agents of the SPIFFE Workload API that give no token, and the program that asks them.
import { createServer } from "node:net";
import { join } from "node:path";

/** A socket that accepts connections and never answers; `stop` ends it. */
export async function silentAgent(folder) {
  const path = join(folder, "silent.sock");
  const open = new Set();
  const server = createServer((socket) => open.add(socket.on("error", () => undefined)));
  await new Promise((resolve) => server.listen(path, resolve));
  return {
    path,
    stop() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

/** An agent that answers each call by a function of `@grpc/grpc-js`'s handlers; `stop` ends it. */
export async function agent(grpc, folder, answer) {
  const path = join(folder, "agent.sock");
  const server = new grpc.Server();
  const bytes = (value) => value;
  const method = {
    path: "/SpiffeWorkloadAPI/FetchJWTSVID",
    requestStream: false,
    responseStream: false,
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  };
  server.addService({ fetch: method }, { fetch: answer });
  const credentials = grpc.ServerCredentials.createInsecure();
  await new Promise((resolve, reject) =>
    server.bindAsync(`unix:${path}`, credentials, (error) => (error ? reject(error) : resolve())),
  );
  return { path, stop: () => server.forceShutdown() };
}

/** The text of a program that asks the agents of its arguments for a token, the silent ones briefly. It prints JSON: how each call ended. */
export const program = (name) => `
import { WorkloadIdentity, spiffe } from ${JSON.stringify(name)};
const ids = { tenantId: "contoso.com", clientId: "11111111-2222-3333-4444-555555555555" };
const ended = [];
for (const path of process.argv.slice(2)) {
  const timeout = path.endsWith("silent.sock") ? 1000 : 120_000;
  const identity = new WorkloadIdentity({ ...ids, source: spiffe({ socket: "unix://" + path }), timeout });
  const began = Date.now();
  const { code, message } = await identity.getToken("https://vault.azure.net/.default").catch((error) => error);
  ended.push({ code, message, ms: Date.now() - began });
}
console.log(JSON.stringify(ended));
`;
