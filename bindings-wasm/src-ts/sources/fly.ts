/** Fly.io. */

import type { TokenSource } from "./token-source.js";

/** The OIDC token that Fly.io gives to a machine over the Unix socket `/.fly/api`. */
export function fly(
  options: {
    /** Audience of the token; by default the cloud's exchange audience. */
    audience?: string;
  } = {},
): TokenSource {
  return {
    config: {
      kind: "fly",
      audience: options.audience,
    },
    variables: ["FLY_API_SOCKET"],
  };
}
