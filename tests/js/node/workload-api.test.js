// The SPIFFE Workload API where it gives no token: no package, no socket, no answer, a denial.
import * as grpc from "@grpc/grpc-js";
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { install } from "../runners/installed.js";
import { agent, program, silentAgent } from "../runners/workload-api.js";

const exec = promisify(execFile);
const installed = await install();
after(() => installed.remove());

/** How calls to the sockets end in a program of its own. */
async function ended(...sockets) {
  const path = join(installed.folder, "workload-api.mjs");
  await writeFile(path, program("workload-identity"));
  const { stdout } = await exec(process.execPath, [path, ...sockets], { cwd: installed.folder });
  return JSON.parse(stdout);
}

test("without the package it says what to install", async () => {
  const [{ code, message }] = await ended("/nowhere/agent.sock");
  assert.equal(code, "source_unsupported");
  assert.match(message, /npm install @grpc\/grpc-js/);
  assert.match(message, /spireAgent/);
});

test("a missing socket, a silent one and a denial have their codes", async () => {
  await mkdir(installed.path("@grpc"));
  await symlink(join(import.meta.dirname, "../node_modules/@grpc/grpc-js"), installed.path("@grpc/grpc-js"));
  const silent = await silentAgent(installed.folder);
  const denying = await agent(grpc, installed.folder, (_, answer) =>
    answer({ code: grpc.status.PERMISSION_DENIED, details: "no identity issued" }),
  );
  try {
    const [missing, unanswered, denied] = await ended(join(installed.folder, "none.sock"), silent.path, denying.path);
    assert.equal(missing.code, "source_unreachable", missing.message);
    assert.match(missing.message, /SPIFFE_ENDPOINT_SOCKET/);
    assert.ok(["source_unreachable", "timeout"].includes(unanswered.code), unanswered.message);
    assert.equal(denied.code, "source_rejected", denied.message);
    assert.match(denied.message, /registration entry.*no identity issued/s);
    for (const { ms, message } of [missing, unanswered, denied]) assert.ok(ms < 20_000, `${ms} ms: ${message}`);
  } finally {
    silent.stop();
    denying.stop();
  }
});
