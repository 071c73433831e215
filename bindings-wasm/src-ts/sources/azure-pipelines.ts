/** The token endpoint of Azure Pipelines. */

import type { TokenSource } from "./token-source.js";

/** What is not given comes from the environment of the job. */
export interface AzurePipelinesOptions {
  /** `resourceId` in the URL of the connection's page; by default `AZURESUBSCRIPTION_SERVICE_CONNECTION_ID`. */
  serviceConnectionId?: string;
  /** By default `SYSTEM_ACCESSTOKEN`, which the step maps: `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`. */
  accessToken?: string;
  /** By default `SYSTEM_OIDCREQUESTURI`. */
  requestUri?: string;
}

/** The ID token of an Azure Pipelines job for a service connection. */
export function azurePipelines(job: AzurePipelinesOptions = {}): TokenSource {
  return {
    config: {
      kind: "azure_pipelines",
      service_connection_id: job.serviceConnectionId,
      access_token: job.accessToken,
      request_uri: job.requestUri,
    },
    variables: [
      "SYSTEM_OIDCREQUESTURI",
      "SYSTEM_ACCESSTOKEN",
      "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
    ],
  };
}
