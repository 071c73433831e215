/** Where the workload's own token comes from: the value of the option `source`. */

/** What the application's callback is told about the token that is wanted. */
export interface AssertionRequest {
  /** The audience that the token exchange expects. */
  readonly audience?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly clientId?: string | undefined;
  /** The authority with the tenant, or the issuer of a generic authority. */
  readonly authority: string;
  /** Where the token is sent. */
  readonly tokenEndpoint: string;
  /** Id of the acquisition, for logs. Entra gets it, too. */
  readonly correlationId: string;
  /** The claims challenge of the request that made this necessary. */
  readonly claims?: string | undefined;
  /** Capabilities that the client announces: `cp1` with `enableCae`. */
  readonly clientCapabilities: readonly string[];
  /** Path of the federated managed identity that the token is for. */
  readonly fmiPath?: string | undefined;
  /** The `context` of the request. */
  readonly context?: string | undefined;
  /**
   * `first` if no token was given for such a request, `refresh` if the former one has expired or could be used once
   * only, `rejected` if the token service has refused it.
   */
  readonly reason: "first" | "refresh" | "rejected";
  /** Which attempt of the acquisition this is, from 1. */
  readonly attempt: number;
  /** When the answer must be there, in unix milliseconds. */
  readonly deadline: number;
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
  /** The environment variables that the core reads for this source where no environment is passed. */
  readonly variables?: readonly string[];
  readonly answer?: AssertionCallback;
  readonly sign?: SignCallback;
}
