// `wif emulator` for the time of a test file.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const wif = process.env.WIF ?? join(import.meta.dirname, "../../../target/debug/wif");

/** Starts it; the facts it prints, and `stop`. */
export async function startEmulator(...options) {
  const child = spawn(wif, ["emulator", "--json", "--quiet", ...options], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, "exit").then(([status]) => {
    throw new Error(`wif emulator ended with ${status}`);
  });
  const [line] = await Promise.race([once(lines, "line"), ended]);
  const gone = ended.catch(() => undefined);
  return {
    facts: JSON.parse(line),
    async stop() {
      child.kill();
      await gone;
    },
    /** Stops it and waits until its port is free. */
    async end() {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

/** The variables that a pod of Azure's workload identity webhook has. */
export function environmentOf(facts, tokenFile) {
  return {
    AZURE_TENANT_ID: facts.tenant_id,
    AZURE_CLIENT_ID: facts.client_id,
    AZURE_AUTHORITY_HOST: new URL(facts.authority).origin,
    AZURE_FEDERATED_TOKEN_FILE: tokenFile,
  };
}
