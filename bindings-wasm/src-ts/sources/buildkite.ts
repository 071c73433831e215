/** Buildkite. */

import type { TokenSource } from "./token-source.js";

/**
 * The OIDC token that Buildkite's agent API gives to a job. The default subject names commit and step; with
 * `subjectClaim` it is stable.
 */
export function buildkite(
  options: {
    /** Audience of the token; by default the cloud's exchange audience. */
    audience?: string;
    /** The claim that becomes the subject, such as `pipeline_id`. */
    subjectClaim?: string;
    /** Life of the token in seconds; five minutes by default. */
    lifetime?: number;
    /** Optional claims to add, such as `organization_id`. */
    claims?: readonly string[];
  } = {},
): TokenSource {
  return {
    config: {
      kind: "buildkite",
      audience: options.audience,
      subject_claim: options.subjectClaim,
      lifetime: options.lifetime,
      claims: options.claims,
    },
    variables: ["BUILDKITE_AGENT_ACCESS_TOKEN", "BUILDKITE_JOB_ID", "BUILDKITE_AGENT_ENDPOINT"],
  };
}
