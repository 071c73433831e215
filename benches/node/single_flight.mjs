// How many token requests reach the emulator when many ask at once with a cold cache.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { WorkloadIdentity } from "workload-identity";
import { limit } from "./_rounds.mjs";

const scope = "https://vault.azure.net/.default";
const promises = 1000;
// No app of the emulator: the exchange is refused, and asking again would not help.
const unknownClient = "00000000-1111-2222-3333-444444444444";

// Slow enough that everybody has asked before the answer comes.
const emulator = spawn(process.env.WIF, ["emulator", "--json", "--quiet", "--fault", "latency=500"], {
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  const [line] = await once(emulator.stdout, "data");
  const facts = JSON.parse(line);
  const environment = {
    AZURE_TENANT_ID: facts.tenant_id,
    AZURE_CLIENT_ID: facts.client_id,
    AZURE_AUTHORITY_HOST: facts.base_url,
    ACTIONS_ID_TOKEN_REQUEST_URL: facts.github_request_url,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: facts.github_request_token,
  };
  const restart = () => fetch(facts.token_requests_url, { method: "DELETE" });
  const requests = async () => (await (await fetch(facts.token_requests_url)).json()).token_requests;
  const together = (work) => Promise.all(Array.from({ length: promises }, work));
  const name = `node token requests of ${promises.toLocaleString("en")} promises`;
  const one = (found, what) => {
    if (new Set(found).size !== 1) throw new Error(`not all have the same ${what}`);
  };

  await restart();
  const identity = new WorkloadIdentity({ environment });
  one(await together(async () => (await identity.getToken(scope)).token), "token");
  limit(name, await requests(), 1);

  await restart();
  const refused = new WorkloadIdentity({ environment, clientId: unknownClient });
  one(await together(() => refused.getToken(scope).then(() => "a token", ({ code }) => code)), "error");
  limit(`${name}, refused`, await requests(), 1);

  await restart();
  const abandoned = new WorkloadIdentity({ environment });
  const leader = new AbortController();
  const gone = abandoned.getToken(scope, { abortSignal: leader.signal }).catch(({ name }) => name);
  while ((await requests()) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const followers = together(async () => (await abandoned.getToken(scope)).token);
  leader.abort();
  if ((await gone) !== "AbortError") throw new Error("the leader went on");
  one(await followers, "token");
  // The one of the leader that went, and the one of its successor.
  limit("node token requests with a cancelled leader", await requests(), 2);
} finally {
  emulator.kill();
}
