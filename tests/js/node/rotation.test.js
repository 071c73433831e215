// The projected token file of Kubernetes under rotation: 10,000 swaps of the symbolic link, as kubelet does them, under a
// reading loop.
import assert from "node:assert/strict";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Worker } from "node:worker_threads";
import { install } from "../runners/installed.js";

const installed = await install();
after(installed.remove);
const { tokenFile, WorkloadIdentity } = (await installed.load("workload-identity")).package;

// The length changes, so that a mixture of two tokens would have a wrong end.
const signature = (number) => "A".repeat((number % 97) * 4) + String(number).padStart(8, "0");

/** Runs in a thread of its own: publishes a token, says so, and replaces it ten thousand times. */
const rotation = `
  const { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } = require("node:fs");
  const { parentPort, workerData: folder } = require("node:worker_threads");
  const signature = ${signature};
  const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 3600;
  for (let number = 0; number <= 10_000; number++) {
    mkdirSync(folder + "/.." + number);
    const claims = encoded({ iss: "i", sub: "s", aud: "a", exp, n: number });
    writeFileSync(folder + "/.." + number + "/token", encoded({ alg: "RS256" }) + "." + claims + "." + signature(number));
    symlinkSync(".." + number, folder + "/..data_tmp");
    renameSync(folder + "/..data_tmp", folder + "/..data");
    if (number === 0) parentPort.postMessage("published");
    else rmSync(folder + "/.." + (number - 1), { recursive: true });
  }
`;

test("a projected file is never torn", { timeout: 300_000 }, async () => {
  // In memory, as projected volumes are, where the system has such a folder.
  const folder = await mkdtemp("/dev/shm/projected-").catch(() => mkdtemp(join(tmpdir(), "projected-")));
  const worker = new Worker(rotation, { eval: true, workerData: folder });
  let rotating = true;
  const ended = new Promise((resolve, reject) => worker.on("error", reject).on("exit", resolve));
  ended.finally(() => (rotating = false)).catch(() => {});
  await new Promise((resolve) => worker.once("message", resolve));
  await symlink("..data/token", join(folder, "token"));
  const seen = [];
  const fetch = async (_, { body }) => {
    seen.push(new URLSearchParams(String(body)).get("client_assertion"));
    return Response.json({ token_type: "Bearer", expires_in: 3599, access_token: "t" });
  };
  const ids = { tenantId: "contoso.com", clientId: "11111111-2222-3333-4444-555555555555" };
  try {
    while (rotating) {
      const identity = new WorkloadIdentity({ ...ids, source: tokenFile(join(folder, "token")), fetch });
      await identity.getToken("https://vault.azure.net/.default");
    }
    await ended;
  } finally {
    await worker.terminate();
    await rm(folder, { recursive: true });
  }
  assert.ok(seen.length > 10);
  for (const token of seen) {
    const [, claims, end] = token.split(".");
    assert.equal(end, signature(JSON.parse(Buffer.from(claims, "base64url").toString()).n));
  }
});
