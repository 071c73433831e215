/** HCP Terraform, and Terraform's providers for Azure. */

import type { TokenSource } from "./token-source.js";

/**
 * The workload identity token of a run of HCP Terraform or Terraform Enterprise, or what Terraform's providers for
 * Azure read: `ARM_OIDC_TOKEN`, `ARM_OIDC_TOKEN_FILE_PATH`.
 */
export function terraform(
  options: {
    /** Tag of one of several tokens: the token is in `TFC_WORKLOAD_IDENTITY_TOKEN_TAG`. */
    tag?: string;
    /** The variable that holds the token; by default the platform's own. */
    variable?: string;
  } = {},
): TokenSource {
  return {
    config: {
      kind: "terraform",
      tag: options.tag,
      variable: options.variable,
    },
    variables: ["TFC_WORKLOAD_IDENTITY_TOKEN", "TFC_RUN_ID", "ARM_OIDC_TOKEN", "ARM_OIDC_TOKEN_FILE_PATH"],
  };
}
