// The example of a Worker, bundled as its deployment would be, in the real runtime.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { bundle, wasmModule as wasm } from "../runners/bundle.js";
import { freePort } from "../runners/free-port.js";
import { install } from "../runners/installed.js";
import { startIssuer, talkTo } from "../runners/issuer.js";
import { workerd } from "../runners/programs.js";

const installed = await install();
const issuer = await startIssuer();
const port = await freePort();
const external = {
  name: "wasm-file",
  setup(build) {
    build.onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path: `./${basename(path)}`, external: true }));
  },
};
const source = await readFile(join(import.meta.dirname, "../../../examples/worker/worker.js"), "utf8");
const code = await bundle(installed.folder, source, {
  conditions: ["workerd"],
  format: "esm",
  plugins: [external],
  external: ["cloudflare:*"],
});
await writeFile(join(installed.folder, "worker.js"), code);
await copyFile(installed.path("workload-identity-wasm/dist/wasm", wasm), join(installed.folder, wasm));
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
    (name = "${wasm}", wasm = embed "${wasm}"),
  ],
  bindings = [
    (name = "OIDC_ISSUER", text = "${issuer.issuer}"),
    (name = "AUDIENCE", text = "${issuer.audience}"),
    (name = "ALLOW_LOOPBACK_HTTP", text = "1"),
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
  issuer.stop();
  await installed.remove();
});

const base = `http://127.0.0.1:${port}`;
for (let attempt = 0; ; attempt += 1) {
  try {
    await fetch(base, { signal: AbortSignal.timeout(2000) });
    break;
  } catch (error) {
    if (attempt > 100 || child.exitCode !== null) throw error;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test("the example worker", () => talkTo(base, issuer, assert));

test("requests that come at once to a worker without keys are all answered", async () => {
  const token = await issuer.token();
  const ask = () => fetch(`${base}/orders`, { headers: { authorization: `Bearer ${token}` } });
  const answers = await Promise.all(Array.from({ length: 10 }, ask));
  assert.ok(answers.every(({ status }) => status === 200), answers.map(({ status }) => status).join());
});
