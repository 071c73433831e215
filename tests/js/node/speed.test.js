// Ratios within one run, so that no quiet machine is needed: a hit beside a bare look-up, and its growth.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { install } from "../runners/installed.js";
import { assertion, clientId, granted, respond, tenantId } from "../suite/stub.js";

const installed = await install();
after(() => installed.remove());
const { WorkloadIdentity, callback } = (await installed.load("workload-identity")).package;

/** Nanoseconds per call, the best of some rounds. */
async function time(calls, work) {
  let best = Infinity;
  for (let round = 0; round < 9; round += 1) {
    const started = process.hrtime.bigint();
    for (let call = 0; call < calls; call += 1) await work(call);
    best = Math.min(best, Number(process.hrtime.bigint() - started) / calls);
  }
  return best;
}

const scopes = (count) => Array.from({ length: count }, (_, n) => `https://r${n}.example/.default`);

async function filled(count) {
  const token = "x".repeat(1841);
  const identity = new WorkloadIdentity({
    tenantId,
    clientId,
    source: callback(() => assertion()),
    cacheMaxEntries: 200_000,
    fetch: async () => respond(granted(token)),
  });
  for (const scope of scopes(count)) await identity.getToken(scope);
  return identity;
}

test("a hit costs a look-up and a clock read", async () => {
  const identity = await filled(1);
  const [scope] = scopes(1);
  const map = new Map([[scope, { token: "x", until: Date.now() + 1e9 }]]);
  const bare = async () => {
    const kept = map.get(scope);
    return kept && Date.now() < kept.until ? kept : undefined;
  };
  const floor = await time(50_000, bare);
  const hit = await time(50_000, () => identity.getToken(scope));
  console.log(`hit ${hit.toFixed(0)} ns, bare look-up ${floor.toFixed(0)} ns`);
  assert.ok(hit < 5 * floor, `a hit takes ${hit} ns, a bare look-up ${floor} ns`);
});

test("a hit among 10,000 tokens costs the same", async () => {
  const count = 10_000;
  const [one, many] = [await filled(1), await filled(count)];
  const names = scopes(count);
  const single = await time(50_000, () => one.getToken(names[0]));
  const spread = await time(50_000, (call) => many.getToken(names[(call * 7919) % count]));
  console.log(`hit among one ${single.toFixed(0)} ns, among 10,000 ${spread.toFixed(0)} ns`);
  assert.ok(spread < 4 * single, `${spread} ns among 10,000, ${single} ns alone`);
});
