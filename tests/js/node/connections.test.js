// How Node.js reaches servers that are no plain HTTPS, and call the host's functions.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { EventEmitter } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { assertEnded, connectionProgram, startConnectionServers } from "../runners/connections.js";
import { install } from "../runners/installed.js";
import { clientId, sleep } from "../suite/stub.js";

const exec = promisify(execFile);
const installed = await install();
const servers = await startConnectionServers();
after(async () => {
  await servers.stop();
  await installed.remove();
});

for (const name of ["workload-identity", "workload-identity-wasm"]) {
  test(`${name}: connection options and host functions`, async () => {
    const path = join(installed.folder, `${name}.mjs`);
    await writeFile(path, connectionProgram(name, installed.path(name, "dist/effects.js"), servers.facts));
    const env = { ...process.env, ...servers.environment };
    const { stdout } = await exec(process.execPath, [path], { cwd: installed.folder, env });
    await assertEnded(JSON.parse(stdout));
    assert.equal(servers.proxied(), 0);
  });

  test(`${name}: output that comes after the end of a program is read`, async () => {
    const { execute } = await import(pathToFileURL(installed.path(name, "dist/node-execution.js")).href);
    const child = Object.assign(new EventEmitter(), { stdout: Object.assign(new EventEmitter(), { destroy: () => undefined }) });
    const modules = { child_process: { spawn: () => child }, process: { env: {}, platform: "linux" } };
    const signal = new AbortController().signal;
    const output = execute({ command: ["program"], environment: {}, max_bytes: 1000 }, 60_000, signal, modules);
    child.emit("exit", 0);
    await sleep(200);
    child.stdout.emit("data", Buffer.from("late"));
    child.emit("close", 0);
    assert.equal(Buffer.from(await output).toString(), "late");
  });

  test(`${name}: the sources of an environment`, async () => {
    const { WorkloadIdentity, detectSources } = (await installed.load(name)).package;
    const found = await detectSources({ environment: { AZURE_FEDERATED_TOKEN_FILE: "/run/token" } });
    const [chosen, ...others] = found.filter((source) => source.chosen);
    assert.equal(chosen.name, "file");
    assert.deepEqual(others, []);
    assert.ok(chosen.detected && chosen.why && chosen.variables.includes("AZURE_FEDERATED_TOKEN_FILE"));
    const none = await detectSources({ environment: {} });
    assert.deepEqual(none.filter((source) => source.detected || source.chosen), []);
    assert.ok((await detectSources()).length === found.length);
    await assert.rejects(detectSources({ environmentPaths: [7] }), { code: "config_invalid" });
    const options = { tenantId: "contoso.com", clientId, required: false };
    assert.ok(WorkloadIdentity.fromEnvironment(options) instanceof WorkloadIdentity);
  });
}
