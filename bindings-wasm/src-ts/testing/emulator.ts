/** The emulator of `wif` as a process of the test run; for Node.js, Deno and Bun. */

export interface EmulatorOptions {
  /** Arguments of `wif emulator`, e.g. `["--fault", "throttle"]`. */
  arguments?: readonly string[];
  /** Path of `wif`; otherwise the variable `WIF`, or `wif` on PATH. */
  program?: string;
}

export interface Emulator {
  /** The members of the line that `wif emulator --json` prints. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** The variables of a GitHub Actions job that uses this emulator; with `--token-file`, those of a pod. */
  readonly environment: Readonly<Record<string, string>>;
  /** Ends the emulator. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a token endpoint, workload issuers and a protected API on loopback.
 *
 * @example
 * const emulator = await startEmulator();
 * const identity = WorkloadIdentity.fromEnvironment({ environment: emulator.environment });
 * await emulator.stop();
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { spawn } = await import("node:child_process");
  const { env } = await import("node:process");
  const program = options.program ?? env["WIF"] ?? "wif";
  const child = spawn(program, ["emulator", "--json", ...(options.arguments ?? [])], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.once("error", () => {
      reject(new Error(`the emulator needs the program \`wif\`: ${program} cannot be started; install it, or set WIF to its path`));
    });
    child.once("close", () => reject(new Error("the emulator ended before it listened; its message is above")));
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", (part) => {
      text += part;
      if (text.includes("\n")) resolve(text);
    });
  });
  const facts = JSON.parse(line) as Record<string, unknown>;
  const fact = (name: string) => String(facts[name]);
  const job = {
    GITHUB_ACTIONS: "true",
    ACTIONS_ID_TOKEN_REQUEST_URL: fact("github_request_url"),
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: fact("github_request_token"),
  };
  const stop = () => {
    child.kill();
    return ended;
  };
  return {
    facts,
    environment: {
      AZURE_TENANT_ID: fact("tenant_id"),
      AZURE_CLIENT_ID: fact("client_id"),
      AZURE_AUTHORITY_HOST: fact("base_url"),
      ...("token_file" in facts ? { AZURE_FEDERATED_TOKEN_FILE: fact("token_file") } : job),
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
