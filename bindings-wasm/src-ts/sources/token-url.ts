/** A URL that answers with a token. */

import type { TokenSource } from "./token-source.js";

/** A token from a URL, as google-auth's external accounts have it. Metadata services are refused. */
export function tokenUrl(
  options: {
    /** https, or http to this machine. */
    url: string;
    /** Headers of the request. */
    headers?: Readonly<Record<string, string>>;
    /** `text`, or `json` with `field`. */
    format?: "text" | "json";
    /** The member of the JSON object that holds the token. */
    field?: string;
  },
): TokenSource {
  return {
    config: {
      kind: "url",
      url: options.url,
      headers: options.headers,
      format: options.format,
      field: options.field,
    },
  };
}
