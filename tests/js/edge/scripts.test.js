// Deno and Bun run the suite as a script beside the installed package.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { environmentOf, startEmulator } from "../runners/emulator.js";
import { install, readVectors } from "../runners/installed.js";
import { assertPassed } from "../runners/suite-result.js";
import { suiteModule } from "../runners/bundle.js";
import { assertEnded, connectionProgram, startConnectionServers } from "../runners/connections.js";
import { newCertificate } from "../runners/certificate.js";
import { bun, deno } from "../runners/programs.js";
import { startSlowServers } from "../runners/slow-server.js";
import { assertInTime, callNames, timeLimitProgram } from "../runners/time-limit.js";

const exec = promisify(execFile);

const installed = await install();
const tokenFile = join(installed.folder, "token");
const emulator = await startEmulator("--token-file", tokenFile);
const servers = await startConnectionServers();
const slow = await startSlowServers(newCertificate("127.0.0.1"));
after(async () => {
  await emulator.stop();
  slow.stop();
  await servers.stop();
  await installed.remove();
});

const script = join(installed.folder, "main.mjs");
const host = { emulator: emulator.facts, tokenFile, ...(await readVectors()) };
await writeFile(join(installed.folder, "host.json"), JSON.stringify(host));
await writeFile(
  script,
  `import { readFile } from "node:fs/promises";
  ${suiteModule(installed.folder)}
  const host = JSON.parse(await readFile(new URL("host.json", import.meta.url), "utf8"));
  console.log(JSON.stringify(await runSuite(host)));`,
);
const options = {
  cwd: installed.folder,
  env: { ...process.env, ...environmentOf(emulator.facts, tokenFile), DENO_NO_UPDATE_CHECK: "1" },
  maxBuffer: 64 << 20,
};
const last = (text) => JSON.parse(text.trim().split("\n").at(-1));

test("Deno", async () => {
  // Files and variables of the test itself, and devices for the bad input; none for the module.
  const grants = ["--allow-net=127.0.0.1", `--allow-read=${installed.folder},/dev`, "--allow-env"];
  const { stdout } = await exec(
    deno(),
    ["run", "--no-prompt", "--node-modules-dir=manual", ...grants, script],
    options,
  );
  assertPassed(last(stdout));
});

test("Deno needs no permission to load the module", async () => {
  const code = `
    import { WorkloadIdentity, callback } from "workload-identity-wasm";
    const source = callback(() => "a.b.c");
    new WorkloadIdentity({ tenantId: "contoso.com", clientId: crypto.randomUUID(), source });
    console.log("loaded");`;
  const bare = join(installed.folder, "bare.mjs");
  await writeFile(bare, code);
  const { stdout } = await exec(deno(), ["run", "--no-prompt", "--node-modules-dir=manual", bare], options);
  if (stdout.trim() !== "loaded") throw new Error(stdout);
});

test("Bun", async () => {
  const { stdout } = await exec(bun(), ["run", script], options);
  assertPassed(last(stdout));
});

for (const [runtime, run] of [
  ["Deno", (path) => exec(deno(), ["run", "--no-prompt", "--node-modules-dir=manual", "--allow-net=127.0.0.1", path], options)],
  ["Bun", (path) => exec(bun(), ["run", path], options)],
]) {
  for (const call of callNames) {
    test(`${runtime}: ${call} ends in time`, async () => {
      const path = join(installed.folder, `time-${runtime}-${call}.mjs`);
      // Their `fetch` does not trust the certificate.
      const origins = slow.origins.filter(([name]) => name !== "body over tls");
      await writeFile(path, timeLimitProgram("workload-identity-wasm", call, origins, undefined));
      assertInTime(call, last((await run(path)).stdout));
    });
  }
}

for (const [runtime, program, args] of [
  ["Deno", deno(), ["run", "--no-prompt", "--node-modules-dir=manual", "--allow-all"]],
  ["Bun", bun(), ["run"]],
]) {
  test(`${runtime}: connection options and host functions`, async () => {
    const path = join(installed.folder, `connections-${runtime}.mjs`);
    const effects = installed.path("workload-identity-wasm", "dist/effects.js");
    await writeFile(path, connectionProgram("workload-identity-wasm", effects, servers.facts));
    const env = { ...options.env, ...servers.environment };
    const { stdout } = await exec(program, [...args, path], { ...options, env });
    await assertEnded(last(stdout));
    assert.equal(servers.proxied(), 0);
  });
}
