// The tarballs in Node.js: import and require, threads, the addon and its fallback, contents.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { install } from "../runners/installed.js";

const exec = promisify(execFile);
const installed = await install();
after(() => installed.remove());
const names = ["workload-identity", "workload-identity-wasm"];

/** Runs a script of the user's folder; its output, and what it complains about. */
async function script(name, text, env = {}) {
  const path = join(installed.folder, name);
  await writeFile(path, text);
  const { stdout, stderr } = await exec(process.execPath, [path], {
    cwd: installed.folder,
    env: { ...process.env, ...env },
  });
  return { stdout: stdout.trim(), stderr };
}

const use = `
  const body = JSON.stringify({ token_type: "Bearer", expires_in: 3599, access_token: "token-1" });
  const source = callback(() => ["eyJhbGciOiJSUzI1NiJ9", "eyJpc3MiOiJpIn0", "c2ln"].join("."));
  const identity = new WorkloadIdentity({
    tenantId: "contoso.com",
    clientId: "3b1d7a52-c94e-4f08-8e67-90af5d2c6b14",
    source,
    fetch: async () => new Response(body),
  });
  identity.getToken("https://vault.azure.net/.default").then(({ token }) => console.log(token));`;

for (const name of names) {
  test(`${name}: import and require give the same class`, async () => {
    assert.deepEqual(await script("use.mjs", `import { WorkloadIdentity, callback } from "${name}";${use}`), {
      stdout: "token-1",
      stderr: "",
    });
    assert.deepEqual(
      await script("use.cjs", `const { WorkloadIdentity, callback } = require("${name}");${use}`),
      { stdout: "token-1", stderr: "" },
    );
    const both = `
      import { createRequire } from "node:module";
      import * as imported from "${name}";
      const required = createRequire(import.meta.url)("${name}");
      console.log(required.WorkloadIdentity === imported.WorkloadIdentity);`;
    assert.equal((await script("both.mjs", both)).stdout, "true");
  });

  test(`${name}: threads load it and end cleanly`, async () => {
    const code = `import { WorkloadIdentity, callback } from "${name}";${use}`;
    const path = join(installed.folder, "thread.mjs");
    await writeFile(path, code);
    const statuses = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const worker = new Worker(path, { stdout: true });
        const status = await new Promise((resolve, reject) => worker.on("exit", resolve).on("error", reject));
        return [status, (await worker.stdout.toArray()).join("").trim()];
      }),
    );
    assert.deepEqual(statuses, Array(8).fill([0, "token-1"]));
  });
}

test("the addon is used, and the wasm build where it does not load", async () => {
  const which = `
    import { WorkloadIdentity, callback } from "workload-identity";
    import { nativeModule } from "./node_modules/workload-identity/dist/platform.js";
    ${use}
    console.log(nativeModule().verifiesSignatures ? "addon" : "wasm");`;
  assert.equal((await script("which.mjs", which)).stdout, "addon\ntoken-1");
  const chosen = await script("which.mjs", which, { WORKLOAD_IDENTITY_NATIVE: "wasm" });
  assert.equal(chosen.stdout, "wasm\ntoken-1");
  const native = installed.path("workload-identity/native");
  for (const file of await readdir(native)) {
    // A new file: the threads above have the old one in memory.
    await rm(join(native, file));
    await writeFile(join(native, file), "no addon");
  }
  assert.equal((await script("which.mjs", which)).stdout, "wasm\ntoken-1");
  await rm(native, { recursive: true });
  assert.equal((await script("which.mjs", which)).stdout, "wasm\ntoken-1");
});

test("the module imports functions of its glue alone: no clock, no randomness, no network", async () => {
  for (const name of names) {
    const bytes = await readFile(installed.path(name, "dist/wasm/workload_identity_bg.wasm"));
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
    assert.deepEqual(imports.filter(({ name }) => !/^__wbindgen_|^__wbg___wbindgen_/.test(name)), []);
  }
});

test("the tarballs hold what a user needs and nothing of this machine", async () => {
  for (const name of names) {
    const files = await readdir(installed.path(name), { recursive: true });
    for (const wanted of ["package.json", "README.md", "dist/index.d.ts", "dist/index.js"]) {
      assert.ok(files.includes(wanted), `${name} has no ${wanted}`);
    }
    assert.deepEqual(files.filter((file) => /src-ts|\.rs$|Cargo|tsconfig|lock/.test(file)), []);
    for (const file of files.filter((file) => /\.(js|json|wasm|node)$/.test(file))) {
      const text = await readFile(installed.path(name, file), "latin1");
      assert.doesNotMatch(text, /\/(root|home)\/[^\s"]*\.cargo|\/work\//, `${name}/${file}`);
    }
  }
});
