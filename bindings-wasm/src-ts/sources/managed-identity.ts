/** A managed identity of Azure as the workload's identity. */

import type { TokenSource } from "./token-source.js";

/** The user-assigned identity that is meant: at most one of its ids. */
export interface ManagedIdentityOptions {
  /** Client id of the managed identity, not that of the application. */
  clientId?: string;
  /** Object (principal) id of the managed identity. */
  objectId?: string;
  /** Resource id of the managed identity (`/subscriptions/...`). */
  resourceId?: string;
  /** Audience of the token; by default the exchange audience of the cloud. */
  audience?: string;
}

/**
 * A token of a user-assigned managed identity, as MSAL.NET's `ManagedIdentityClientAssertion` gives it.
 *
 * The environment shows where it comes from: Service Fabric, App Service (Functions, Container Apps), Azure Machine
 * Learning, Azure Arc or Cloud Shell, and otherwise the metadata service (IMDS) of a virtual machine. Arc, Cloud Shell and
 * Service Fabric ignore ids, so they are refused there. Workers and browsers cannot reach them (`source_unsupported`).
 */
export function managedIdentity(identity: ManagedIdentityOptions = {}): TokenSource {
  return {
    config: {
      kind: "managed_identity",
      client_id: identity.clientId,
      object_id: identity.objectId,
      resource_id: identity.resourceId,
      audience: identity.audience,
    },
    variables: [
      "IDENTITY_ENDPOINT",
      "IDENTITY_HEADER",
      "IDENTITY_SERVER_THUMBPRINT",
      "IMDS_ENDPOINT",
      "MSI_ENDPOINT",
      "MSI_SECRET",
      "DEFAULT_IDENTITY_CLIENT_ID",
      "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    ],
  };
}
