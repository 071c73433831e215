/** A token file, as Kubernetes projects it. */

import type { TokenSource } from "./token-source.js";

/** A projected token file, e.g. of Kubernetes; read again when the token in it nears its end. */
export function tokenFile(
  path: string,
  options: {
    /** `text`, or `json` with `field`. */
    format?: "text" | "json";
    /** The member of the JSON object that holds the token. */
    field?: string;
  } = {},
): TokenSource {
  return { config: { kind: "file", path, format: options.format, field: options.field } };
}
