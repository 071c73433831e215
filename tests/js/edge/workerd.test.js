// Cloudflare's runtime, the real one: the suite in a request, and requests that end while others wait.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { bundleWorker, suiteModule } from "../runners/bundle.js";
import { startEmulator } from "../runners/emulator.js";
import { install, readVectors } from "../runners/installed.js";
import { assertPassed } from "../runners/suite-result.js";
import { startWorkerd } from "../runners/workerd.js";
import { soon } from "../suite/time.js";

const installed = await install();
const emulator = await startEmulator();
const facts = emulator.facts;

// The identity is made at global scope, where workers have neither time nor randomness.
const source = `${suiteModule(installed.folder)}
  import { WorkloadIdentity, gitHubActions } from "workload-identity-wasm";
  const facts = ${JSON.stringify(facts)};
  const scope = "https://vault.azure.net/.default";
  const identity = new WorkloadIdentity({
    tenantId: facts.tenant_id,
    clientId: facts.client_id,
    authorityHost: new URL(facts.authority).origin,
    source: gitHubActions({ requestUrl: facts.github_request_url, requestToken: facts.github_request_token }),
  });
  export default {
    async fetch(request) {
      const { pathname } = new URL(request.url);
      // The runtime drops what a request leaves unfinished. No lease runs out while the clock stands still.
      if (pathname === "/leave") {
        const now = Date.now();
        Date.now = () => now;
        return new Response(void identity.getToken(scope).catch(() => undefined));
      }
      if (pathname === "/suite") return Response.json(await runSuite(await request.json()));
      return new Response((await identity.getToken(scope)).token);
    },
  };`;

const out = join(installed.folder, "out");
await bundleWorker(installed.folder, source, join(out, "worker.js"));
const worker = await startWorkerd([out]);
after(async () => {
  await worker.stop();
  await emulator.stop();
  await installed.remove();
});
const [base] = worker.bases;

test("workerd", async () => {
  const host = { emulator: facts, ...(await readVectors()) };
  const answer = await fetch(`${base}/suite`, { method: "POST", body: JSON.stringify(host) });
  assert.equal(answer.status, 200);
  assertPassed(await answer.json());
});

test("requests that end do not hold up those that wait", async () => {
  const faults = `${facts.base_url}/emulator/faults`;
  await fetch(faults, { method: "POST", body: "latency=400" });
  await (await fetch(`${base}/leave`)).text();
  const ask = async () => (await fetch(base)).text();
  const tokens = await soon(Promise.all(Array.from({ length: 5 }, ask)), "the tokens of requests after it");
  assert.ok(tokens.every((token) => token.split(".").length === 3), tokens.join(" | ").slice(0, 300));
  await fetch(faults, { method: "DELETE" });

  const before = await (await fetch(facts.token_requests_url)).text();
  assert.ok(tokens.includes(await (await fetch(base)).text()), "later requests find the token");
  assert.equal(await (await fetch(facts.token_requests_url)).text(), before);
});
