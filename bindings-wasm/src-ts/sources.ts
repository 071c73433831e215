/** Where the workload's own token comes from. Each function returns a value for the option `source`. */

import { signWith } from "./web-crypto.js";

/** What the application's callback is told about the token that is wanted. */
export interface AssertionRequest {
  /** The audience that the token exchange expects. */
  readonly audience?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly clientId?: string | undefined;
  readonly tokenEndpoint?: string | undefined;
  /** Entra's name for this attempt, for your logs. */
  readonly correlationId?: string | undefined;
  /** The claims challenge of the request that made this necessary. */
  readonly claims?: string | undefined;
  /** The `context` of the request. */
  readonly context?: string | undefined;
  /** Aborted when the time allowed is over or the caller gave up. */
  readonly signal: AbortSignal;
}

/** Returns the workload token, a JWT in compact form. */
export type AssertionCallback = (request: AssertionRequest) => string | Promise<string>;

/** Returns the raw signature of `input`, in JOSE's fixed-width form for elliptic curves. */
export type SignCallback = (
  input: Uint8Array<ArrayBuffer>,
  use: { readonly key: string; readonly algorithm: string; readonly signal: AbortSignal },
) => ArrayBuffer | Uint8Array | Promise<ArrayBuffer | Uint8Array>;

/** A source of workload tokens; made by the functions of this module. */
export interface TokenSource {
  /** The `source` of the core's configuration. */
  readonly config: { readonly kind: string; readonly [member: string]: unknown };
  readonly answer?: AssertionCallback;
  readonly sign?: SignCallback;
}

/** The application gives the workload token, from wherever it has it. */
export function callback(assertion: AssertionCallback): TokenSource {
  return { config: { kind: "callback" }, answer: assertion };
}

/** A projected token file, e.g. of Kubernetes; read again when the token in it nears its end. */
export function tokenFile(path: string): TokenSource {
  return { config: { kind: "file", path } };
}

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

/** A client assertion (RFC 7523, section 2.2) signed with a key that never leaves its keeper. */
export function signed(key: {
  /** Your name of the key, handed to `sign`. */
  key: string;
  algorithm: "PS256" | "RS256" | "ES256" | "ES384" | "EdDSA" | "Ed25519";
  /** Signs, or a private `CryptoKey` for the algorithm, which need not be extractable. */
  sign: SignCallback | CryptoKey;
  /** SHA-256 thumbprint of the certificate, base64url (`x5t#S256`). */
  certificateThumbprint?: string;
  /** Certificate chain, base64 DER, leaf first (`x5c`). */
  certificateChain?: string[];
  /** The public key, to check each signature before it leaves: a keeper with another key is found out here. */
  publicKey?: JsonWebKey;
}): TokenSource {
  const { algorithm, sign } = key;
  return {
    config: {
      kind: "signed",
      key: key.key,
      algorithm,
      x5t_s256: key.certificateThumbprint,
      x5c: key.certificateChain,
      public_jwk: key.publicKey,
    },
    sign: typeof sign === "function" ? sign : (input) => signWith(algorithm, sign, input),
  };
}
