/** Vercel. */

import type { TokenSource } from "./token-source.js";

/** The OIDC token of a Vercel build or function, read for each exchange and never kept. */
export function vercel(
  options: {
    /** The variable that holds the token; by default the platform's own. */
    variable?: string;
  } = {},
): TokenSource {
  return {
    config: {
      kind: "vercel",
      variable: options.variable,
    },
    variables: ["VERCEL_OIDC_TOKEN", "VERCEL"],
  };
}
