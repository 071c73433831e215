/** SPIFFE's JWT-SVIDs. */

import type { TokenSource } from "./token-source.js";

/**
 * A JWT-SVID of the SPIFFE Workload API, by the package `@grpc/grpc-js`, which Node.js and Bun load if it is installed. With
 * `spireAgent` the command `spire-agent api fetch jwt` is run in its place. Files of spiffe-helper are read by `tokenFile`. Entra
 * accepts RS256 only: set `jwt_key_type = "rsa-2048"` in SPIRE's server.
 */
export function spiffe(
  options: {
    /** `unix:///path` or `tcp://address:port`; by default `SPIFFE_ENDPOINT_SOCKET`. */
    socket?: string;
    /** The SPIFFE ID to ask for, if the workload has several. */
    spiffeId?: string;
    /** The hint of the SVID to use, if the agent gives several. */
    hint?: string;
    /** Defaults to the audience that the cloud's token exchange expects. */
    audience?: string;
    /** Path of the program `spire-agent`. */
    spireAgent?: string;
  } = {},
): TokenSource {
  return {
    config: {
      kind: "spiffe",
      socket: options.socket,
      spiffe_id: options.spiffeId,
      hint: options.hint,
      audience: options.audience,
      spire_agent: options.spireAgent,
    },
    variables: ["SPIFFE_ENDPOINT_SOCKET"],
  };
}
