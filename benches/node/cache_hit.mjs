// Cache hits: against the peers with one token, with many, and against ourselves as tokens grow.

import { azure, msal, ours } from "./_clients.mjs";
import { processorTime, row, takeTurns } from "./_rounds.mjs";
import { scope } from "./_stubs.mjs";

const most = 200_000;
// The same number of look-ups whatever there is in the cache, so that nothing but the cache grows.
const number = 1_000;
// So many that the processor's caches cannot hold what they touch.
const spread = 20_000;
const scanned = 10_000;
// How many times slower than with one token a hit may be.
const allowed = { 10_000: 2, 100_000: 4 };
const shown = (tokens) => Number(tokens).toLocaleString("en");

/** Looks up so many random scopes, prepared ahead, again and again. */
async function lookups(get, tokens, distinct = number) {
  const wanted = Array.from({ length: distinct }, () => scope(Math.floor(Math.random() * tokens)));
  for (const one of wanted) if (!(await get(one))) throw new Error("a scope has no token");
  return async (count) => {
    const start = processorTime();
    for (let at = 0; at < count; at += 1) await get(wanted[at % distinct]);
    return processorTime() - start;
  };
}

async function hits(client, tokens, distinct) {
  await client.fill(tokens);
  return lookups(client.get, tokens, distinct);
}

async function besidePeers() {
  const clients = [ours(most), msal(), azure()];
  const cases = {};
  for (const client of clients) cases[client.name] = await hits(client, 1);
  const found = await takeTurns(cases);
  for (const { name } of clients.slice(1)) row("node hit, 1 token", found.ours, name, found[name], 40);
}

async function besideScans() {
  const peers = [msal(), azure()];
  const cases = { ours: await hits(ours(most), scanned) };
  for (const peer of peers) cases[peer.name] = await hits(peer, scanned, 20);
  const found = await takeTurns(cases, 7);
  for (const { name } of peers) row(`node hit, ${shown(scanned)} tokens`, found.ours, name, found[name], 5000);
}

async function growth(tokens, times) {
  const name = `node hit, ${shown(tokens)} tokens`;
  const [small, large] = [ours(most), ours(most)];
  const cases = { "1 token": await hits(small, 1), [name]: await hits(large, tokens) };
  cases[`${name}, spread`] = await lookups(large.get, tokens, spread);
  // What memory alone costs: the simplest table there is, with the same keys.
  const bare = new Map(Array.from({ length: tokens }, (_, at) => [scope(at), at + 1]));
  cases["a bare Map, spread"] = await lookups((one) => bare.get(one), tokens, spread);
  const single = new Map([[scope(0), 1]]);
  cases["a bare Map, 1 entry"] = await lookups((one) => single.get(one), 1);
  const found = await takeTurns(cases);
  row(name, found[name], "ours, 1 token", found["1 token"], 1 / times);
  row(`${name}, spread`, found[`${name}, spread`], "ours, 1 token", found["1 token"], 0);
}

await besidePeers();
await besideScans();
for (const [tokens, times] of Object.entries(allowed)) await growth(Number(tokens), times);
