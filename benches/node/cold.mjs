// A cold acquisition's own overhead: assertion from a callback, request, answer, storing, no network.

import { azure, msal, ours } from "./_clients.mjs";
import { processorTime, row, takeTurns } from "./_rounds.mjs";
import { scope } from "./_stubs.mjs";

// A cold acquisition costs at most a quarter of the peer's.
const required = 4;
// Like the peers, whose newest token is taken out each time since they get slower with every token, ours keeps one
// beside the newest. It pays for evicting the others.
const kept = 2;

/** Each miss asks for a scope that was never asked for, beside one cached token. */
async function misses(client) {
  let number = 0;
  await client.get(scope(number));
  return async (count) => {
    const wanted = Array.from({ length: count }, () => scope((number += 1)));
    const start = processorTime();
    for (const one of wanted) {
      await client.get(one);
      client.forgetNewest();
    }
    return processorTime() - start;
  };
}

const peers = [msal(), azure()];
const cases = { ours: await misses(ours(kept)) };
for (const peer of peers) cases[peer.name] = await misses(peer);
const times = await takeTurns(cases);
for (const { name } of peers) row("node cold acquisition", times.ours, name, times[name], required);
