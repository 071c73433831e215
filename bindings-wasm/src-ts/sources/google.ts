/** Google Cloud's metadata server, and its IAM Credentials API. */

import type { TokenSource } from "./token-source.js";

/** The variables by which Google's libraries find the metadata server. */
const variables = ["GCE_METADATA_HOST", "GCE_METADATA_ROOT", "GCE_METADATA_IP", "GCE_METADATA_TIMEOUT"];

/** The identity token that Google Cloud's metadata server gives to Compute Engine, GKE, Cloud Run and App Engine. */
export function googleMetadata(
  options: {
    /** Email address of one of the workload's service accounts; by default the default one. */
    serviceAccount?: string;
    /** Defaults to the audience that the cloud's token exchange expects. */
    audience?: string;
    /** `full`, the default, adds claims about the virtual machine. */
    format?: "full" | "standard";
    /** Adds the licences of the virtual machine's images. */
    licenses?: boolean;
  } = {},
): TokenSource {
  return {
    config: {
      kind: "google_metadata",
      service_account: options.serviceAccount,
      audience: options.audience,
      format: options.format,
      licenses: options.licenses,
    },
    variables,
  };
}

/**
 * The identity token of a service account that the workload may act as (`generateIdToken`). The workload's own account needs
 * `roles/iam.serviceAccountOpenIdTokenCreator` on it.
 */
export function googleServiceAccount(options: {
  /** Email address or unique id. */
  serviceAccount: string;
  /** Defaults to the audience that the cloud's token exchange expects. */
  audience?: string;
  /** Service accounts in between, each of which may act as the next one. */
  delegates?: readonly string[];
  /** Adds the claims `email` and `email_verified`. */
  includeEmail?: boolean;
  /** Address of the API, for emulators. */
  endpoint?: string;
}): TokenSource {
  return {
    config: {
      kind: "google_service_account",
      service_account: options.serviceAccount,
      audience: options.audience,
      delegates: options.delegates,
      include_email: options.includeEmail,
      endpoint: options.endpoint,
    },
    variables,
  };
}
