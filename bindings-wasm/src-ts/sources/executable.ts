/** A program that prints a token. */

import type { TokenSource } from "./token-source.js";

/** A token that a program prints, by google-auth's contract for executables. It is not run by a shell. */
export function executable(
  options: {
    /** The program and its arguments. */
    command: readonly string[];
    /** Milliseconds allowed, 5,000 to 120,000; 30,000 by default. */
    timeoutMs?: number;
    /** The file in which the program keeps its answer until it expires. */
    outputFile?: string;
    /** Allows the program, as `GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1` does. */
    allowExecutables?: boolean;
  },
): TokenSource {
  return {
    config: {
      kind: "executable",
      command: options.command,
      timeout_ms: options.timeoutMs,
      output_file: options.outputFile,
      allow_executables: options.allowExecutables,
    },
    variables: ["GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES"],
  };
}
