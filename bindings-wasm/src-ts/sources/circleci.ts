/** CircleCI. */

import type { TokenSource } from "./token-source.js";

/**
 * The OIDC token of a CircleCI job. Without an audience it is in a variable, and its audience is the id of the
 * organization.
 */
export function circleCi(
  options: {
    /** Audience of a token that `circleci run oidc get` makes. A federated credential can then have Entra's own audience. */
    audience?: string;
    /** With an audience: the issuer is `https://oidc.circleci.com`, without the organization. */
    rootIssuer?: boolean;
    /** The variable that holds the token; by default `CIRCLE_OIDC_TOKEN_V2`, else `CIRCLE_OIDC_TOKEN`. */
    variable?: string;
  } = {},
): TokenSource {
  return {
    config: {
      kind: "circleci",
      audience: options.audience,
      root_issuer: options.rootIssuer,
      variable: options.variable,
    },
    variables: ["CIRCLE_OIDC_TOKEN_V2", "CIRCLE_OIDC_TOKEN"],
  };
}
