/** GitLab CI/CD. */

import type { TokenSource } from "./token-source.js";

/** The ID token of a GitLab CI/CD job, from one of its `id_tokens`. */
export function gitLab(
  options: {
    /** The variable that the job's `id_tokens` name; by default the one derived from the audience, `AZURE_ID_TOKEN`, `GITLAB_OIDC_TOKEN` or `ARM_OIDC_TOKEN`. */
    variable?: string;
  } = {},
): TokenSource {
  return {
    config: {
      kind: "gitlab",
      variable: options.variable,
    },
    variables: [
      "GITLAB_CI",
      "API___AZUREADTOKENEXCHANGE_ID_TOKEN",
      "API___AZUREADTOKENEXCHANGEUSGOV_ID_TOKEN",
      "API___AZUREADTOKENEXCHANGECHINA_ID_TOKEN",
      "AZURE_ID_TOKEN",
      "GITLAB_OIDC_TOKEN",
      "ARM_OIDC_TOKEN",
    ],
  };
}
