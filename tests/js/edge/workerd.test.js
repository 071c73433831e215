// Cloudflare's runtime, the real one: the suite in a request, and requests that end while others wait.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { bundle, suiteModule, wasmModule } from "../runners/bundle.js";
import { startEmulator } from "../runners/emulator.js";
import { freePort } from "../runners/free-port.js";
import { install, readVectors } from "../runners/installed.js";
import { workerd } from "../runners/programs.js";
import { assertPassed } from "../runners/suite-result.js";

const installed = await install();
const emulator = await startEmulator();
const facts = emulator.facts;
const port = await freePort();

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
      if (pathname === "/ready") return new Response();
      // The runtime drops what a request leaves unfinished.
      if (pathname === "/leave") return new Response(void identity.getToken(scope).catch(() => undefined));
      if (pathname === "/suite") return Response.json(await runSuite(await request.json()));
      return new Response((await identity.getToken(scope)).token);
    },
  };`;

const external = {
  name: "wasm-file",
  setup(build) {
    build.onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path: `./${basename(path)}`, external: true }));
  },
};
const code = await bundle(installed.folder, source, {
  conditions: ["workerd"],
  format: "esm",
  plugins: [external],
  external: ["cloudflare:*"],
});
await writeFile(join(installed.folder, "worker.js"), code);
await copyFile(installed.path("workload-identity-wasm/dist/wasm", wasmModule), join(installed.folder, wasmModule));
await writeFile(
  join(installed.folder, "config.capnp"),
  `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "loopback", network = (allow = ["127.0.0.0/8"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "${wasmModule}", wasm = embed "${wasmModule}"),
  ],
  compatibilityDate = "2026-11-01",
  globalOutbound = "loopback",
);
`,
);
const child = spawn(workerd(), ["serve", join(installed.folder, "config.capnp")], { stdio: "inherit" });
after(async () => {
  child.kill();
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  emulator.stop();
  await installed.remove();
});

const base = `http://127.0.0.1:${port}`;
for (let attempt = 0; ; attempt += 1) {
  try {
    await fetch(`${base}/ready`, { signal: AbortSignal.timeout(2000) });
    break;
  } catch (error) {
    if (attempt > 100 || child.exitCode !== null) throw error;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

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
  const started = Date.now();
  const tokens = await Promise.all(Array.from({ length: 5 }, async () => (await fetch(base)).text()));
  assert.ok(tokens.every((token) => token.split(".").length === 3), tokens.join(" | ").slice(0, 300));
  assert.ok(Date.now() - started < 5000, "nobody waited for a lease");
  await fetch(faults, { method: "DELETE" });

  const before = await (await fetch(facts.token_requests_url)).text();
  assert.ok(tokens.includes(await (await fetch(base)).text()), "later requests find the token");
  assert.equal(await (await fetch(facts.token_requests_url)).text(), before);
});
