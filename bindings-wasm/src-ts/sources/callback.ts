/** A function of the application. */

import type { AssertionCallback, TokenSource } from "./token-source.js";

/** The application gives the workload token, from wherever it has it. */
export function callback(assertion: AssertionCallback): TokenSource {
  return { config: { kind: "callback" }, answer: assertion };
}
