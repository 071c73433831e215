/** Modal. */

import type { TokenSource } from "./token-source.js";

/**
 * The identity token of a Modal container. Its subject names the container, so that no exact credential of Entra
 * accepts it.
 */
export function modal(
  options: {
    /** The variable that holds the token; by default the platform's own. */
    variable?: string;
  } = {},
): TokenSource {
  return {
    config: {
      kind: "modal",
      variable: options.variable,
    },
    variables: ["MODAL_IDENTITY_TOKEN"],
  };
}
