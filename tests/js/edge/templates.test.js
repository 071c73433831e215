// The examples for Vercel and Deno Deploy in those runtimes, and the manifests of all examples.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, cp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { EdgeVM } from "@edge-runtime/vm";
import { bundle, compiledModule, wasmModule } from "../runners/bundle.js";
import { environmentOf, startEmulator } from "../runners/emulator.js";
import { install } from "../runners/installed.js";
import { startIssuer } from "../runners/issuer.js";
import { deno } from "../runners/programs.js";

const examples = join(import.meta.dirname, "../../../examples");
const installed = await install();
const emulator = await startEmulator();
const issuer = await startIssuer();
after(async () => {
  await emulator.stop();
  issuer.stop();
  await installed.remove();
});

test("the example for Vercel exchanges the token of its deployment", async () => {
  const { github_request_url: url, github_request_token: bearer } = emulator.facts;
  const audience = encodeURIComponent("api://AzureADTokenExchange");
  const answer = await fetch(`${url}&audience=${audience}`, { headers: { authorization: `Bearer ${bearer}` } });
  const { value: token } = await answer.json();
  const source = await readFile(join(examples, "vercel/api/expiry.js"), "utf8");
  const plugins = [compiledModule];
  const code = await bundle(installed.folder, source, { conditions: ["edge-light"], format: "iife", plugins, name: "program" });
  const moduleBytes = await readFile(installed.path("workload-identity-wasm", "dist/wasm", wasmModule));
  const process = { env: environmentOf(emulator.facts) };
  const vm = new EdgeVM({ extend: (context) => Object.assign(context, { moduleBytes, process }) });
  vm.evaluate(`${code}; globalThis.program = program;`);
  const call = async (headers) => {
    const request = `new Request("https://app.example/api/expiry", { headers: ${JSON.stringify(headers)} })`;
    const response = await vm.evaluate(`program.default(${request})`);
    return [response.status, await response.json()];
  };
  const [status, { expires }] = await call({ "x-vercel-oidc-token": token });
  assert.equal(status, 200);
  assert.ok(new Date(expires) > new Date());
  const [failed, { error }] = await call({});
  assert.deepEqual([failed, error], [502, "callback_failed"]);
});

/** The address that `deno serve` says it listens at. */
async function listeningAt(output) {
  let said = "";
  for await (const part of output.iterator({ destroyOnReturn: false })) {
    said += part;
    const [, address] = /Listening on (http:\S+)\s/.exec(said) ?? [];
    if (!address) continue;
    output.resume();
    return address;
  }
  throw new Error(said);
}

test("the example for Deno Deploy requires a token", async () => {
  const folder = join(installed.folder, "deno");
  await cp(join(examples, "deno"), folder, { recursive: true });
  const { tasks } = JSON.parse(await readFile(join(folder, "deno.json"), "utf8"));
  const [program, serve, ...others] = tasks.start.split(" ");
  assert.deepEqual([program, serve], ["deno", "serve"]);
  const own = { OIDC_ISSUER: issuer.issuer, AUDIENCE: issuer.audience, ALLOW_LOOPBACK_HTTP: "1", DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
  const child = spawn(deno(), [serve, "--host=127.0.0.1", "--port=0", ...others], {
    cwd: folder,
    env: { ...process.env, ...own },
    stdio: ["ignore", "ignore", "pipe"],
    // npm's script does not pass a signal on to the program, so both get a group of their own.
    detached: true,
  });
  try {
    const base = await listeningAt(child.stderr);
    const ask = (headers) => fetch(base, { headers });
    assert.equal((await ask({})).status, 401);
    const good = await ask({ authorization: `Bearer ${await issuer.token()}` });
    assert.deepEqual([good.status, await good.json()], [200, { subject: "worker" }]);
    assert.equal((await ask({ authorization: "Bearer a.b.c" })).status, 401);
  } finally {
    process.kill(-child.pid);
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }
});

test("each example has a manifest and a README with the two commands that start it", async () => {
  const { devDependencies } = JSON.parse(await readFile(join(import.meta.dirname, "../package.json"), "utf8"));
  const folders = (await readdir(examples, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  assert.ok(folders.length >= 7);
  for (const { name } of folders) {
    const readme = await readFile(join(examples, name, "README.md"), "utf8");
    const commands = /^```sh\n(.+)\n(.+)\n```$/m.exec(readme);
    assert.ok(commands, `${name}/README.md has no two commands`);
    if (commands[1].startsWith("pip ")) {
      await access(join(examples, name, "requirements.txt"));
      continue;
    }
    assert.equal(commands[1], "npm install");
    const { dependencies } = JSON.parse(await readFile(join(examples, name, "package.json"), "utf8"));
    for (const [dependency, version] of Object.entries(dependencies)) {
      if (version.startsWith("file:")) await access(join(examples, name, version.slice("file:".length), "package.json"));
      else assert.equal(version, devDependencies[dependency], dependency);
    }
  }
});
