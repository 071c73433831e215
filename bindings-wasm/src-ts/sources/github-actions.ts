/** The token endpoint of GitHub Actions and Forgejo Actions. */

import type { TokenSource } from "./token-source.js";

/** The token endpoint of a GitHub Actions job; Forgejo has the same. */
export function gitHubActions(job: {
  /** `ACTIONS_ID_TOKEN_REQUEST_URL` */
  requestUrl: string;
  /** `ACTIONS_ID_TOKEN_REQUEST_TOKEN` */
  requestToken: string;
  /** Defaults to the audience that the cloud's token exchange expects. */
  audience?: string;
}): TokenSource {
  return {
    config: {
      kind: "github",
      request_url: job.requestUrl,
      request_token: job.requestToken,
      audience: job.audience,
    },
  };
}
