/** Bitbucket Pipelines. */

import type { TokenSource } from "./token-source.js";

/**
 * The token of a Bitbucket Pipelines step with `oidc: true`. Its subject names the step, so that no exact
 * credential of Entra accepts it.
 */
export function bitbucket(
  options: {
    /** The variable that holds the token; by default the platform's own. */
    variable?: string;
  } = {},
): TokenSource {
  return {
    config: {
      kind: "bitbucket",
      variable: options.variable,
    },
    variables: ["BITBUCKET_STEP_OIDC_TOKEN", "BITBUCKET_STEP_UUID"],
  };
}
