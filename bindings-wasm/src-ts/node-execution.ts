/** Runs a program for its standard output: no shell, no standard input, bounded in time and output, ended with its children. */

import { TimeLimitError } from "./timeouts.js";
import { TransportDetail } from "./transport.js";

/** The program and its arguments, variables beside those of the process, and the bound of the output. */
export interface Execution {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly max_bytes: number;
}

interface Child {
  readonly pid?: number;
  readonly stdout: { on(event: "data", listener: (part: Uint8Array) => void): unknown; destroy(): unknown };
  on(event: "error", listener: (error: Error) => void): this;
  on(event: "exit" | "close", listener: (status: number | null) => void): this;
  kill(signal: "SIGKILL"): unknown;
}

/** The parts of Node.js that are used. */
export interface ExecutionModules {
  readonly child_process: {
    spawn(program: string, args: readonly string[], options: object): Child;
  };
  readonly process: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly platform: string;
    kill(pid: number, signal: "SIGKILL"): unknown;
  };
}

/** How long the rest of the output is waited for after the end of a program: a process that left its group may have it open. */
const graceMs = 2000;

/** The output, at most one byte more than its bound. Rejects with the error of the start, the time limit, or the exit status. */
export function execute(
  { command, environment, max_bytes }: Execution,
  ms: number,
  signal: AbortSignal,
  { child_process, process }: ExecutionModules,
): Promise<Uint8Array> {
  const [program = "", ...args] = command;
  const hasGroups = process.platform !== "win32";
  return new Promise((resolve, reject) => {
    const child = child_process.spawn(program, args, {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "ignore"],
      // A session of its own, whose processes can be ended together.
      detached: hasGroups,
      windowsHide: true,
    });
    const parts: Uint8Array[] = [];
    let left = max_bytes + 1;
    let status: number | null = null;
    let isEnded = false;
    let grace: ReturnType<typeof setTimeout> | undefined;

    const end = (settle: () => void) => {
      isEnded = true;
      clearTimeout(limit);
      clearTimeout(grace);
      signal.removeEventListener("abort", onAbort);
      kill();
      child.stdout.destroy();
      settle();
    };
    const kill = () => {
      if (child.pid === undefined) return;
      try {
        // Windows has no groups of this kind: only the program itself is ended.
        if (hasGroups) process.kill(-child.pid, "SIGKILL");
        else child.kill("SIGKILL");
      } catch {
        // Nothing of it is left.
      }
    };
    const finish = () =>
      end(() => {
        if (status === 0 || left === 0) return resolve(joined(parts));
        reject(new TransportDetail(`exit status ${status ?? "unknown"}`));
      });
    const onAbort = () => end(() => reject(signal.reason as Error));
    const limit = setTimeout(() => end(() => reject(new TimeLimitError(ms))), ms);

    signal.addEventListener("abort", onAbort);
    child.on("error", (error) => end(() => reject(error)));
    child.stdout.on("data", (part) => {
      const taken = part.subarray(0, left);
      parts.push(taken);
      left -= taken.length;
      if (left === 0) finish();
    });
    child.on("exit", (code) => {
      if (isEnded) return;
      status = code;
      // `close` comes with the end of the output, which the program's children may have open.
      kill();
      grace = setTimeout(finish, graceMs);
    });
    child.on("close", finish);
  });
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
