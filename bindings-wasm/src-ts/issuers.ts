/** Whom a verifier trusts, and what their tokens must say, as plain data. */

import { rulesJson, type ClaimRule } from "./claim-rules.js";
import { hostError } from "./errors.js";

export type { ClaimRule };

/** One text or several. */
export type OneOrMore = string | readonly string[];

/** The signature algorithms by their names in JOSE. */
export type SignatureAlgorithm =
  | "RS256"
  | "RS384"
  | "RS512"
  | "PS256"
  | "PS384"
  | "PS512"
  | "ES256"
  | "ES384"
  | "ES512"
  | "Ed25519"
  | "EdDSA";

/** What every issuer's tokens can be asked for. A list that is empty is refused, because it would turn the check off. */
export interface IssuerRules {
  /** Own names: one of them must be in `aud`, exactly. */
  audience: OneOrMore;
  /** The JWK Set itself, as an object or as JSON text; nothing is fetched then. */
  keys?: { readonly keys: readonly object[] } | string;
  /** Fixed address of the key set. */
  jwksUri?: string;
  /** Address of the discovery document, if it is not the issuer's own. */
  discovery?: string;
  /** Narrower than what the kind of issuer uses. */
  algorithms?: readonly SignatureAlgorithm[];
  /** `aud` must name nobody else. */
  soleAudience?: boolean;
  /** The token must say when it was issued, and be no older. */
  maxAgeSeconds?: number;
  /** Claims that must be there: names or JSON pointers. */
  require?: readonly string[];
  /** Rules for claims; evaluated after the signature. */
  claims?: readonly ClaimRule[];
  /** Accepted `azp` (or `appid`, or `client_id`). */
  authorizedParties?: readonly string[];
  /** The token has at least one of them in `roles`. */
  roles?: readonly string[];
  /** The token has at least one of them in `scp` or `scope`. */
  scopes?: readonly string[];
}

/** A trusted issuer in full; the factories of `TokenVerifier` fill in what the kind of issuer decides. */
export interface Issuer extends Omit<IssuerRules, "audience"> {
  /** Own names: one of them must be in `aud`, exactly. Absent only with `dangerouslyWithoutAudience`. */
  audience?: OneOrMore | undefined;
  /**
   * The tokens have no `aud`, as access tokens of Amazon Cognito. Needs `authorizedParties`, or a rule with `equals` or
   * `oneOf` about `client_id`, `azp`, `appid`, `cid` or `sub`. For the profile `generic-oidc`.
   */
  dangerouslyWithoutAudience?: boolean;
  /** Profile `rfc9068`: claims among `sub`, `client_id`, `iat` and `jti` that the tokens may lack. */
  rfc9068Without?: readonly string[];
  /** The rules of a kind of issuer, `generic-oidc` if absent: `docs/profiles.md`. */
  profile?: string;
  /** Accepted `iss`, octet for octet; the profile may know it. */
  issuer?: OneOrMore;
  /** Entra: the tenant's GUID. */
  tenantId?: string;
  /** Entra: the tenants of a multi-tenant API; `"any"` accepts every tenant of the cloud. */
  tenants?: readonly string[] | "any";
  /** Entra: `public`, `usgov`, `china` or a login host. */
  cloud?: string;
  /** Entra: who issues the tokens where that is no cloud of Entra; the address of an emulator. */
  authorityHost?: string;
  /** Entra: the app whose own signing keys are used. */
  appId?: string;
  /** Entra: `idtyp` must be `app`. */
  appOnly?: boolean;
  /** SPIFFE: the trust domain whose bundle `jwksUri` or `keys` is. */
  trustDomain?: string;
  /** AWS load balancers: accepted `signer` ARNs. */
  signers?: readonly string[];
}

/** An Entra tenant. Audience: the API's client id (v2 tokens), its application id URI (v1 tokens), or both. */
export interface EntraIssuer extends IssuerRules {
  tenantId: string;
  cloud?: string;
  /** Who issues the tokens where that is no cloud of Entra; the address of an emulator. */
  authorityHost?: string;
  appId?: string;
  appOnly?: boolean;
}

export interface EntraMultiTenantIssuer extends IssuerRules {
  /** GUIDs; with `"any"` the application decides by `tid` what each tenant may do. */
  tenants: readonly string[] | "any";
  cloud?: string;
  /** Who issues the tokens where that is no cloud of Entra; the address of an emulator. */
  authorityHost?: string;
  appId?: string;
  appOnly?: boolean;
}

/** GitHub Actions. Without a rule the job of any repository on GitHub is accepted. */
export interface GitHubIssuer extends IssuerRules {
  /** `octo/app`, or several. */
  repository?: OneOrMore;
  repositoryOwner?: OneOrMore;
  /** Such as `refs/heads/main`, or several. */
  ref?: OneOrMore;
  /** Deployment environment, or several. */
  environment?: OneOrMore;
  /** Reusable workflow, or several. */
  jobWorkflowRef?: OneOrMore;
  /** Pattern of `sub`, e.g. `repo:octo/app:*`. */
  subject?: string;
  /** An enterprise's own issuer. */
  issuer?: OneOrMore;
}

/** GitLab CI's ID tokens; `issuer` names an instance of one's own. */
export interface GitLabIssuer extends IssuerRules {
  projectPath?: OneOrMore;
  namespacePath?: OneOrMore;
  ref?: OneOrMore;
  environment?: OneOrMore;
  /** Pattern of `sub`. */
  subject?: string;
  issuer?: OneOrMore;
}

/** Projected service account tokens of a cluster. */
export interface KubernetesIssuer extends IssuerRules {
  issuer: OneOrMore;
  namespace?: OneOrMore;
  serviceAccount?: OneOrMore;
}

/** Google's ID tokens. */
export interface GoogleIssuer extends IssuerRules {
  /** Addresses that Google has verified. */
  email?: OneOrMore;
  /** Pattern of `sub`. */
  subject?: string;
}

/** JWT-SVIDs. A key is never accepted for another trust domain than its own. */
export interface SpiffeIssuer extends IssuerRules {
  /** The trust domain whose bundle `jwksUri` or `keys` is. */
  trustDomain?: string;
  /** Several trust domains instead, each with its own bundle: a URL or a JWK Set. */
  bundles?: Readonly<Record<string, string | { readonly keys: readonly object[] }>>;
}

/** Access tokens of RFC 9068. */
export interface Rfc9068Issuer extends IssuerRules {
  issuer: OneOrMore;
  /** Claims that the tokens may lack although RFC 9068 requires them; machine tokens of some servers have no `sub`. */
  without?: readonly ("sub" | "client_id" | "iat" | "jti")[];
}

/** Any OpenID Connect issuer; its keys are found by discovery unless `keys` or `jwksUri` is given. */
export type OidcIssuer = { issuer: OneOrMore } & (
  | IssuerRules
  | (Omit<IssuerRules, "audience"> & {
      audience?: undefined;
      /**
       * The tokens have no `aud`, as access tokens of Amazon Cognito. Needs `authorizedParties`, or a rule with `equals` or
       * `oneOf` about `client_id`, `azp`, `appid`, `cid` or `sub`.
       */
      dangerouslyWithoutAudience: true;
    })
);

/** `null` is the same as an absent option. */
const isGiven = <T>(value: T): value is NonNullable<T> => value !== undefined && value !== null;

function wanted(claim: string, value: OneOrMore): ClaimRule {
  if (typeof value === "string") return { claim, equals: value };
  if (!Array.isArray(value) || value.some((item) => typeof item !== "string")) {
    throw hostError("config_invalid", "caller", `the wanted value of the claim \`${claim}\` is not a string or a list of strings`);
  }
  return { claim, oneOf: value };
}

/** Takes `rules` apart into what the core knows and claims to compare; `more` are rules of the kind of issuer. */
function withClaims<R extends IssuerRules>(
  profile: string,
  { claims, ...rules }: R,
  names: Readonly<Record<string, string>>,
  more: readonly ClaimRule[] = [],
): Issuer[] {
  const rest: Record<string, unknown> = { ...rules };
  const own = [...more];
  for (const [option, claim] of Object.entries(names)) {
    const value = rest[option] as OneOrMore | undefined;
    delete rest[option];
    if (!isGiven(value)) continue;
    own.push(option === "subject" ? { claim, glob: value as string } : wanted(claim, value));
  }
  const issuer: Issuer = { ...(rest as unknown as IssuerRules), profile };
  // The caller's own list stays empty if it is: the core refuses that.
  if (isGiven(claims) && !(Array.isArray(claims) && claims.length > 0)) issuer.claims = claims;
  else if (isGiven(claims) || own.length > 0) issuer.claims = [...(claims ?? []), ...own];
  return [issuer];
}

/** Access tokens of both versions: which one a token is, the API's registration decides. */
export const entra = (issuer: EntraIssuer): Issuer[] => [
  { ...issuer, profile: "entra-v2" },
  { ...issuer, profile: "entra-v1" },
];

export const entraMultiTenant = (issuer: EntraMultiTenantIssuer): Issuer[] => [
  { ...issuer, profile: "entra-common" },
];

export const github = (issuer: GitHubIssuer): Issuer[] =>
  withClaims("github", issuer, {
    repository: "repository",
    repositoryOwner: "repository_owner",
    ref: "ref",
    environment: "environment",
    jobWorkflowRef: "job_workflow_ref",
    subject: "sub",
  });

export const gitlab = (issuer: GitLabIssuer): Issuer[] =>
  withClaims("gitlab", issuer, {
    projectPath: "project_path",
    namespacePath: "namespace_path",
    ref: "ref",
    environment: "environment",
    subject: "sub",
  });

export const kubernetes = (issuer: KubernetesIssuer): Issuer[] =>
  withClaims("kubernetes", issuer, {
    namespace: "/kubernetes.io/namespace",
    serviceAccount: "/kubernetes.io/serviceaccount/name",
  });

export const google = (issuer: GoogleIssuer): Issuer[] =>
  withClaims(
    "google",
    issuer,
    { email: "email", subject: "sub" },
    issuer.email === undefined ? [] : [{ claim: "email_verified", equals: true }],
  );

export function spiffe({ bundles, ...issuer }: SpiffeIssuer): Issuer[] {
  const profile = "spiffe-jwt-svid";
  if (!isGiven(bundles)) return [{ ...issuer, profile }];
  if (issuer.trustDomain !== undefined) {
    throw hostError("config_invalid", "caller", "`bundles` names the trust domains: leave `trustDomain` out");
  }
  return Object.entries(bundles).map(([trustDomain, bundle]) => {
    const isAddress = typeof bundle === "string" && /^[a-z]+:\/\//i.test(bundle);
    return { ...issuer, profile, trustDomain, ...(isAddress ? { jwksUri: bundle } : { keys: bundle }) };
  });
}

export const rfc9068 = ({ without, ...issuer }: Rfc9068Issuer): Issuer[] => [
  { ...issuer, profile: "rfc9068", ...(without !== undefined && { rfc9068Without: without }) },
];

export const oidc = (issuer: OidcIssuer): Issuer[] => [{ ...issuer, profile: "generic-oidc" }];

/**
 * The kinds of issuers, for a verifier that trusts several.
 *
 * @example
 * new TokenVerifier({ issuers: [Issuer.entra({ tenantId, audience }), Issuer.github({ audience, repository: "octo/app" })] });
 */
export const Issuer = { entra, entraMultiTenant, github, gitlab, kubernetes, google, spiffe, rfc9068, oidc } as const;

/** The JSON of an issuer in the core's configuration (`docs/protocol.md`, section 8). */
export function issuerJson({ keys, claims, ...members }: Issuer): string {
  const entry: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(members)) entry[snake(name)] = value;
  if (typeof keys === "object") entry["keys"] = keys;
  let json = JSON.stringify(entry).slice(0, -1);
  const add = (name: string, text: string) => (json += `${json === "{" ? "" : ","}"${name}":${text}`);
  if (isGiven(claims)) add("claims", rulesJson(claims));
  // The text itself, so that the core sees what `JSON.parse` hides.
  if (typeof keys === "string") add("keys", jsonText(keys));
  return `${json}}`;
}

/** A key set as text, which must be one JSON value. Some issuers publish it behind a byte order mark. */
function jsonText(keys: string): string {
  const text = keys.startsWith("\ufeff") ? keys.slice(1) : keys;
  try {
    JSON.parse(text);
  } catch {
    throw hostError("config_invalid", "caller", "an issuer's `keys` are not JSON");
  }
  return text;
}

/** Options are spelled in JavaScript's way; an unknown one reaches the core, which refuses it. */
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
