/** Spacelift. */

import type { TokenSource } from "./token-source.js";

/** The token of a Spacelift run, from its variable or its file. */
export function spacelift(
  options: {
    /** The variable that holds the token; by default the platform's own. */
    variable?: string;
  } = {},
): TokenSource {
  return {
    config: {
      kind: "spacelift",
      variable: options.variable,
    },
    variables: ["SPACELIFT_OIDC_TOKEN"],
  };
}
