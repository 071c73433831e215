/** The claims of test tokens, as the issuers document them. */

/** Claims by name; those that are `undefined` are left out of a token. */
export type ClaimValues = Readonly<Record<string, unknown>>;

export interface OidcShape {
  /** `https://issuer.example` if absent. */
  issuer?: string;
  audience?: string;
  subject?: string;
}

export interface EntraShape {
  /** A made-up GUID if absent. */
  tenantId?: string;
  audience?: string;
  /** Version of the tokens; 2 if absent. */
  version?: 1 | 2;
}

export interface GitHubShape {
  /** `octo/app` if absent. */
  repository?: string;
  audience?: string;
  /** `refs/heads/main` if absent. */
  ref?: string;
  environment?: string;
}

export interface KubernetesShape {
  /** `https://cluster.example` if absent. */
  issuer?: string;
  namespace?: string;
  serviceAccount?: string;
  audience?: string;
}

// Made-up identifiers.
export const tenantId = "11111111-2222-4333-8444-555555555555";
const clientId = "66666666-7777-4888-9999-aaaaaaaaaaaa";
const objectId = "bbbbbbbb-cccc-4ddd-8eee-ffffffffffff";

/** An access token of an application (Microsoft identity platform, access token claims). */
export function entra(tenant: string, version: 1 | 2): ClaimValues {
  const usual = { tid: tenant, ver: `${version}.0`, oid: objectId, sub: objectId, idtyp: "app" };
  return version === 1
    ? { iss: `https://sts.windows.net/${tenant}/`, ...usual, appid: clientId, appidacr: "2" }
    : { iss: `https://login.microsoftonline.com/${tenant}/v2.0`, ...usual, azp: clientId, azpacr: "2" };
}

/** A job's token (GitHub, OpenID Connect reference). */
export function gitHub(repository: string, ref: string, environment: string | undefined): ClaimValues {
  const workflow = `${repository}/.github/workflows/deploy.yml@${ref}`;
  const context = environment === undefined ? `ref:${ref}` : `environment:${environment}`;
  return {
    iss: "https://token.actions.githubusercontent.com",
    sub: `repo:${repository}:${context}`,
    repository,
    repository_id: "1000",
    repository_owner: repository.split("/")[0],
    repository_owner_id: "2000",
    repository_visibility: "private",
    ref,
    ref_type: ref.startsWith("refs/tags/") ? "tag" : "branch",
    environment,
    sha: "0123456789abcdef0123456789abcdef01234567",
    actor: "octocat",
    actor_id: "3000",
    event_name: "push",
    workflow: "deploy",
    workflow_ref: workflow,
    job_workflow_ref: workflow,
    run_id: "4000",
    run_number: "1",
    run_attempt: "1",
    runner_environment: "github-hosted",
  };
}

/** A projected service account token (Kubernetes, managing service accounts). */
export function kubernetes(issuer: string, namespace: string, serviceAccount: string): ClaimValues {
  return {
    iss: issuer,
    sub: `system:serviceaccount:${namespace}:${serviceAccount}`,
    "kubernetes.io": {
      namespace,
      pod: { name: `${serviceAccount}-0`, uid: objectId },
      serviceaccount: { name: serviceAccount, uid: clientId },
    },
  };
}
