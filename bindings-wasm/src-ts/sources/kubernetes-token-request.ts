/** Kubernetes' TokenRequest API. */

import type { TokenSource } from "./token-source.js";

/**
 * A token of a service account, by Kubernetes' TokenRequest API: of the pod's own cluster, or of a kubeconfig file. The credential
 * needs the verb `create` on `serviceaccounts/token`.
 */
export function kubernetesTokenRequest(
  request: {
    /** By default that of the credential itself. */
    serviceAccount?: string;
    /** By default that of the pod, or of the kubeconfig's context. */
    namespace?: string;
    /** Defaults to the audience that the cloud's token exchange expects. */
    audience?: string;
    /** Life of the token, at least 600. */
    expirationSeconds?: number;
    /** The object whose deletion ends the token, such as a pod. */
    boundObject?: { kind: string; name: string; uid?: string; apiVersion?: string };
    /** Path of a kubeconfig file with a token; by default `KUBECONFIG`, outside of a pod. */
    kubeconfig?: string;
    /** Name of one of the file's contexts; by default the current one. */
    context?: string;
  } = {},
): TokenSource {
  const { boundObject: bound } = request;
  return {
    config: {
      kind: "kubernetes",
      service_account: request.serviceAccount,
      namespace: request.namespace,
      audience: request.audience,
      expiration_seconds: request.expirationSeconds,
      bound_object: bound && { kind: bound.kind, name: bound.name, uid: bound.uid, api_version: bound.apiVersion },
      kubeconfig: request.kubeconfig,
      context: request.context,
    },
    variables: ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "KUBECONFIG"],
  };
}
