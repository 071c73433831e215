// A worker that was bundled with the entry of another runtime says which one it needs.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { bundleWorker, workerdOptions } from "../runners/bundle.js";
import { install } from "../runners/installed.js";
import { startWorkerd } from "../runners/workerd.js";

const installed = await install();

/** The package, the options of esbuild, and what the worker says. */
const cases = {
  "the package of Node.js": ["workload-identity", workerdOptions, /import `workload-identity-wasm`, which has the same API/],
  "the package of Node.js with its entry of Node.js": [
    "workload-identity",
    { platform: "node", external: ["node:*"] },
    /imports `workload-identity-wasm` bundled with the condition `workerd`/,
  ],
  "the entry of Node.js": [
    "workload-identity-wasm",
    { platform: "node", external: ["node:*"] },
    /bundled with the condition `workerd`/,
  ],
  "the entry of browsers": ["workload-identity-wasm", {}, /bundled with the condition `workerd`/],
};

const folders = [];
for (const [index, [name, options]] of Object.values(cases).entries()) {
  const source = `
    import { WorkloadIdentity, callback } from "${name}";
    const options = { tenantId: "contoso.com", clientId: "3b1d7a52-c94e-4f08-8e67-90af5d2c6b14" };
    export default {
      async fetch() {
        try {
          const identity = new WorkloadIdentity({ ...options, source: callback(() => "no token") });
          return new Response((await identity.getToken("https://vault.azure.net/.default")).token);
        } catch (error) {
          return Response.json({ code: error.code, message: error.message });
        }
      },
    };`;
  folders.push(join(installed.folder, `out${index}`));
  await bundleWorker(installed.folder, source, join(folders[index], "worker.js"), options);
}
const workers = await startWorkerd(folders, { flags: ["nodejs_compat"] });
after(async () => {
  await workers.stop();
  await installed.remove();
});

for (const [index, [title, [, , wanted]]] of Object.entries(cases).entries()) {
  test(`${title} in a worker names the right one`, async () => {
    const { code, message } = await (await fetch(workers.bases[index])).json();
    assert.equal(code, "module_unavailable", message);
    assert.match(message, wanted);
  });
}
