// The example of a Worker, bundled as its deployment would be, in the real runtime.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { bundleWorker } from "../runners/bundle.js";
import { install } from "../runners/installed.js";
import { startIssuer, talkTo } from "../runners/issuer.js";
import { startWorkerd } from "../runners/workerd.js";

const installed = await install();
const issuer = await startIssuer();
const out = join(installed.folder, "out");
const source = await readFile(join(import.meta.dirname, "../../../examples/worker/worker.js"), "utf8");
await bundleWorker(installed.folder, source, join(out, "worker.js"));
const variables = { OIDC_ISSUER: issuer.issuer, AUDIENCE: issuer.audience, ALLOW_LOOPBACK_HTTP: "1" };
const worker = await startWorkerd([out], { variables });
after(async () => {
  await worker.stop();
  issuer.stop();
  await installed.remove();
});
const [base] = worker.bases;

test("the example worker", () => talkTo(base, issuer, assert));

test("requests that come at once to a worker without keys are all answered", async () => {
  const token = await issuer.token();
  const ask = () => fetch(`${base}/me`, { headers: { authorization: `Bearer ${token}` } });
  const answers = await Promise.all(Array.from({ length: 10 }, ask));
  assert.ok(answers.every(({ status }) => status === 200), answers.map(({ status }) => status).join());
});
