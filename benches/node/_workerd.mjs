// workerd with a worker that was bundled as a deployment would be.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
// The program itself: the package's command is a script that starts it and would end alone.
import workerd from "workerd";

const wasm = "workload_identity_edge.wasm";
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Serves `_worker.mjs`, which gets `given`, until the work is done; the work gets the address. */
export async function withWorkerd(given, work) {
  const folder = mkdtempSync(join(tmpdir(), "workerd-"));
  const port = await freePort();
  await bundle(folder);
  writeFileSync(join(folder, "given.json"), JSON.stringify(given));
  writeFileSync(join(folder, "config.capnp"), config(port));
  const child = spawn(workerd.default, ["serve", join(folder, "config.capnp")], { stdio: "inherit" });
  const ended = once(child, "exit");
  try {
    const base = `http://127.0.0.1:${port}`;
    for (let attempt = 0; !(await answers(`${base}/bare?count=1`)); attempt += 1) {
      if (attempt > 100 || child.exitCode !== null) throw new Error("workerd does not answer");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await work(base);
  } finally {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true });
  }
}

async function bundle(folder) {
  const external = {
    name: "wasm-file",
    setup: (started) => started.onResolve({ filter: /\.wasm$/ }, () => ({ path: `./${wasm}`, external: true })),
  };
  await build({
    entryPoints: [here("_worker.mjs")],
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    plugins: [external],
    external: ["cloudflare:*"],
    logLevel: "error",
  });
  copyFileSync(here(`node_modules/workload-identity-wasm/dist/wasm/${wasm}`), join(folder, wasm));
}

const config = (port) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "${wasm}", wasm = embed "${wasm}"),
  ],
  bindings = [(name = "given", json = embed "given.json")],
  compatibilityDate = "2026-11-01",
);
`;

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

async function answers(url) {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}
