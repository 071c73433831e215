/** A variable of the application's choice. */

import type { TokenSource } from "./token-source.js";

/** A token in an environment variable, read for each exchange. */
export function environmentVariable(
  options: {
    /** Name of the variable. */
    variable: string;
  },
): TokenSource {
  return {
    config: {
      kind: "environment",
      variable: options.variable,
    },
  };
}
