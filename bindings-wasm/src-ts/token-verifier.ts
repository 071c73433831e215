/** The verifier of incoming tokens. */

import { certificateAuthorities, type CertificateAuthorities } from "./certificate-authorities.js";
import type { ErrorCode } from "./codes.js";
import { Driver } from "./driver.js";
import type { Log } from "./effect-report.js";
import { hostError, nativeError, WorkloadIdentityError } from "./errors.js";
import * as issuers from "./issuers.js";
import { Machine } from "./machine.js";
import {
  toBytes,
  type NativeVerifier,
  type VerifierDone,
  type WireKeys,
  type WireVerifiedToken,
} from "./protocol.js";
import { reasonOf, type AbortSignalLike } from "./timeouts.js";
import type { Fetch } from "./transport.js";
import { Verification, type CheckResult } from "./verification.js";
import { VerifiedToken } from "./verified-token.js";

/** Settings for all issuers of a verifier. */
export interface VerifierSettings {
  /** How far clocks may differ, 0 to 300; 60 if absent. */
  leewaySeconds?: number;
  /** Longer tokens are refused before they are decoded; 16,384 if absent. */
  maxTokenBytes?: number;
  /** Bound of the cache of verified tokens; off if absent. Cached results are frozen. */
  cacheMaxBytes?: number;
  /** Milliseconds a verification may wait for keys; 10,000 if absent. */
  timeout?: number;
  /** Keys may be fetched over http from loopback, for tests. */
  allowLoopbackHttp?: boolean;
  /**
   * `"deny"` refuses key addresses on private networks and on this machine, for issuers that you do not control. They are
   * allowed over https if absent.
   */
  privateAddresses?: "allow" | "deny";
  /** Networks such as `10.0.0.0/8`: the only private addresses that are allowed. */
  allowedNetworks?: readonly string[];
  /** RSA keys of 1024 to 2047 bits may verify. */
  dangerouslyAllowRsa1024?: boolean;
  /**
   * What verifies signatures: WebCrypto of the runtime, or Rust in the WebAssembly module, which `verifySync` needs.
   * `"webcrypto"` if absent. The addon of Node.js always verifies them itself.
   */
  signatures?: "webcrypto" | "wasm";
  /** Certificate authorities (PEM) to trust beside those of Node.js, which has them from `NODE_EXTRA_CA_CERTS` too. */
  ca?: CertificateAuthorities;
  /** Sends requests in place of this package: another HTTP client, a test. */
  fetch?: Fetch;
  /** Receives one line for each request, file read, wait and failure, without secrets. */
  log?: Log;
  /** Keeps a worker alive while keys are refreshed in the background: `(work) => ctx.waitUntil(work)`. */
  waitUntil?: (work: Promise<unknown>) => void;
}

export interface TokenVerifierOptions extends VerifierSettings {
  /** Who is trusted, 1 to 100; a token's `iss` selects one of them and never an address. */
  issuers: readonly (issuers.Issuer | readonly issuers.Issuer[])[];
}

export interface VerifyOptions {
  abortSignal?: AbortSignalLike;
}

/** The keys of an issuer. */
export interface IssuerKeys {
  /** How many can verify. */
  readonly keys: number;
  /** The others, with the reason. */
  readonly unusable: readonly { readonly keyId?: string; readonly code: ErrorCode; readonly message: string }[];
  /** Age of the key set in seconds; absent for keys given directly. */
  readonly keySetAge?: number;
}

/** A single issuer's options beside those of the verifier. */
type With<I> = I & VerifierSettings;

const settingNames = [
  "leewaySeconds",
  "maxTokenBytes",
  "cacheMaxBytes",
  "timeout",
  "allowLoopbackHttp",
  "privateAddresses",
  "allowedNetworks",
  "dangerouslyAllowRsa1024",
  "signatures",
  "ca",
  "fetch",
  "log",
  "waitUntil",
] as const satisfies readonly (keyof VerifierSettings)[];

/** How often at most the core is asked whether keys are due for a refresh. */
const REFRESH_INTERVAL_MS = 1000;

/**
 * Verifies tokens, and fetches and caches the keys of their issuers. Make one and share it.
 *
 * ```ts
 * const verifier = TokenVerifier.entra({ tenantId, audience: "api://orders" });
 * const { claims, subject } = await verifier.verify(token);
 * ```
 */
export class TokenVerifier {
  readonly #driver: Driver<NativeVerifier, VerifierDone>;
  readonly #entries: number;
  readonly #cacheMaxBytes: number;
  readonly #signatures: "webcrypto" | "wasm";
  #isSynchronous = false;
  #verification: Verification | undefined;
  #outcomes = 0;
  #refreshedAt = 0;

  /** What verifies signatures unless the options say. */
  protected static readonly signatures: "webcrypto" | "wasm" = "webcrypto";

  /** Throws a `ConfigurationError`; where the module is still to be loaded (browsers), `verify` does. */
  constructor(options: TokenVerifierOptions) {
    const entries = Array.isArray(options.issuers) ? options.issuers.flat() : [undefined];
    if (entries.some((issuer) => typeof issuer !== "object" || issuer === null)) {
      throw hostError("config_invalid", "caller", "`issuers` is not a list of 1 to 100 objects");
    }
    this.#entries = entries.length;
    this.#cacheMaxBytes = options.cacheMaxBytes ?? 0;
    this.#signatures = options.signatures ?? (this.constructor as typeof TokenVerifier).signatures;
    this.#driver = new Driver(
      new Machine((native) => {
        this.#isSynchronous = native.verifiesSignatures ?? this.#signatures === "wasm";
        return new native.Verifier(toBytes(configuration(options, this.#isSynchronous ? "core" : "host")));
      }),
      { fetch: options.fetch, ca: certificateAuthorities(options), log: options.log },
      options.waitUntil,
    );
  }

  /** One Entra tenant, tokens of both versions. */
  static entra<T extends typeof TokenVerifier>(this: T, options: With<issuers.EntraIssuer>): InstanceType<T> {
    return single(this, options, issuers.entra);
  }

  /** An Entra application of several tenants. */
  static entraMultiTenant<T extends typeof TokenVerifier>(
    this: T,
    options: With<issuers.EntraMultiTenantIssuer>,
  ): InstanceType<T> {
    return single(this, options, issuers.entraMultiTenant);
  }

  /** GitHub Actions; name at least `repository` or `repositoryOwner`. */
  static github<T extends typeof TokenVerifier>(this: T, options: With<issuers.GitHubIssuer>): InstanceType<T> {
    return single(this, options, issuers.github);
  }

  /** GitLab CI's ID tokens. */
  static gitlab<T extends typeof TokenVerifier>(this: T, options: With<issuers.GitLabIssuer>): InstanceType<T> {
    return single(this, options, issuers.gitlab);
  }

  /** Projected service account tokens of a cluster. */
  static kubernetes<T extends typeof TokenVerifier>(
    this: T,
    options: With<issuers.KubernetesIssuer>,
  ): InstanceType<T> {
    return single(this, options, issuers.kubernetes);
  }

  /** Google's ID tokens. */
  static google<T extends typeof TokenVerifier>(this: T, options: With<issuers.GoogleIssuer>): InstanceType<T> {
    return single(this, options, issuers.google);
  }

  /** Access tokens with `typ` `at+jwt` (RFC 9068). */
  static rfc9068<T extends typeof TokenVerifier>(this: T, options: With<issuers.Rfc9068Issuer>): InstanceType<T> {
    return single(this, options, issuers.rfc9068);
  }

  /** JWT-SVIDs of SPIFFE trust domains. */
  static spiffe<T extends typeof TokenVerifier>(this: T, options: With<issuers.SpiffeIssuer>): InstanceType<T> {
    return single(this, options, issuers.spiffe);
  }

  /** Any OpenID Connect issuer, or any that publishes a key set. */
  static oidc<T extends typeof TokenVerifier>(this: T, options: With<issuers.OidcIssuer>): InstanceType<T> {
    return single(this, options, issuers.oidc);
  }

  /**
   * The token's claims, if everything about it is right; `token` comes without `Bearer`. Throws a `TokenError` whose
   * `code` says why it is refused, or a `TransportError` when the issuer's keys are not to be had.
   */
  verify(token: string, options?: VerifyOptions): Promise<VerifiedToken> {
    const abort = options?.abortSignal;
    try {
      if (abort?.aborted) return Promise.reject(reasonOf(abort));
      const verification = this.#ready(token);
      const result = verification && this.#check(verification, token);
      if (result === undefined) return this.#drive(token, abort);
      if (result instanceof WorkloadIdentityError) return Promise.reject(result);
      // A promise of WebCrypto may be of another realm, as in Vercel's edge VM. This makes it one of this realm.
      return Promise.resolve(result);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * As `verify`, without waiting, where this package verifies signatures itself: in Node.js with the addon, and with the
   * option `signatures: "wasm"`. The keys must be there: given directly, or by `loadKeys()` or `loadSnapshot()` before.
   */
  verifySync(token: string): VerifiedToken {
    // No more than this: V8 does not optimise a function that throws each time, as it does where many tokens are bad.
    const result = this.#checkSync(token);
    if (result instanceof VerifiedToken) return result;
    throw result;
  }

  #checkSync(token: string): VerifiedToken | WorkloadIdentityError {
    const verification = this.#ready(token);
    if (!verification || !this.#isSynchronous) {
      return hostError(
        "misuse",
        "caller",
        "WebCrypto verifies signatures here, which is asynchronous: use `verify`, or the option `signatures: \"wasm\"`",
      );
    }
    const result = this.#check(verification, token) as CheckResult;
    return (
      result ??
      hostError(
        "keys_unavailable",
        "transport",
        "the issuer's keys have not been fetched, and `verifySync` cannot fetch them: call `loadKeys()` before, or use `verify`",
        undefined,
        { http_status: 503 },
      )
    );
  }

  async #drive(token: string, abort: AbortSignalLike | undefined): Promise<VerifiedToken> {
    const done = await this.#driver.acquire(JSON.stringify({ token }), abort);
    const value = done.value as WireVerifiedToken;
    return new VerifiedToken(value, value.claims);
  }

  /** Each token's claims, or the error that `verify` would throw. */
  verifyMany(
    tokens: Iterable<string>,
    options?: VerifyOptions,
  ): Promise<(VerifiedToken | WorkloadIdentityError)[]> {
    const one = (token: string) =>
      this.verify(token, options).catch((error: unknown) => {
        if (error instanceof WorkloadIdentityError) return error;
        throw error;
      });
    return Promise.all(Array.from(tokens, one));
  }

  /**
   * Fetches the keys of every issuer, at most once in the cool-down of its kind (30 s, Entra 5 min): a warm-up, or a
   * refresh by hand. An Entra tenant counts twice, for its two versions of tokens.
   */
  loadKeys(options?: VerifyOptions): Promise<IssuerKeys[]> {
    const one = async (_: unknown, keysOf: number) => {
      const request = JSON.stringify({ keys_of: keysOf });
      const done = await this.#driver.acquire(request, options?.abortSignal);
      return issuerKeys(done.value as WireKeys);
    };
    return Promise.all(Array.from({ length: this.#entries }, one));
  }

  /** The cached key sets as JSON, to be stored and loaded elsewhere. Public data. */
  async snapshot(): Promise<string> {
    return (await this.#driver.machine.loaded()).snapshot(Date.now());
  }

  /**
   * Takes the key sets of a snapshot: those of configured addresses that are newer than the cached ones and not too old.
   * Returns how many were taken.
   */
  async loadSnapshot(snapshot: string): Promise<number> {
    const machine = await this.#driver.machine.loaded();
    this.#verification?.clearCache();
    try {
      return machine.load(toBytes(snapshot), Date.now());
    } catch (error) {
      throw nativeError(error);
    }
  }

  #ready(token: string): Verification | undefined {
    if (typeof token !== "string") {
      // An API that got no token answers so (RFC 6750, section 3.1).
      const answer = { http_status: 401, www_authenticate: "Bearer" };
      throw hostError("request_invalid", "caller", "the token is not a string", undefined, answer);
    }
    const native = this.#driver.machine.current();
    if (native === undefined || this.#verification?.native === native) return native && this.#verification;
    return (this.#verification = new Verification(native, this.#cacheMaxBytes));
  }

  #check(verification: Verification, token: string): CheckResult | Promise<VerifiedToken> {
    const now = Date.now();
    const { outcomes } = this.#driver.machine;
    if (outcomes !== this.#outcomes) {
      this.#outcomes = outcomes;
      verification.clearCache();
    }
    try {
      const result = verification.check(token, now);
      if (result && Math.abs(now - this.#refreshedAt) >= REFRESH_INTERVAL_MS) this.#refresh(verification.native, now);
      return result;
    } catch {
      // A trap. The token is driven with a new object.
      this.#driver.machine.discard(verification.native);
      return undefined;
    }
  }

  #refresh(native: NativeVerifier, now: number): void {
    this.#refreshedAt = now;
    const ticket = native.refresh(now);
    if (ticket > 0) this.#driver.refresh(native, ticket);
  }
}

/** A verifier of one issuer: options of both are given together. */
function single<T extends typeof TokenVerifier, I extends object>(
  verifier: T,
  options: With<I>,
  entries: (issuer: I) => issuers.Issuer[],
): InstanceType<T> {
  const issuer = { ...options } as Record<string, unknown>;
  const settings: Record<string, unknown> = {};
  for (const name of settingNames) {
    if (name in issuer) settings[name] = issuer[name];
    delete issuer[name];
  }
  const all = { ...settings, issuers: entries(issuer as I) } as TokenVerifierOptions;
  return new verifier(all) as InstanceType<T>;
}

/** The core's configuration (`docs/protocol.md`, section 8); absent members are left out. */
function configuration(options: TokenVerifierOptions, signatures: string): string {
  const shared = JSON.stringify({
    leeway_seconds: options.leewaySeconds,
    max_token_bytes: options.maxTokenBytes,
    cache_max_bytes: options.cacheMaxBytes,
    timeout_ms: options.timeout,
    allow_loopback_http: options.allowLoopbackHttp,
    private_addresses: options.privateAddresses,
    allowed_networks: options.allowedNetworks,
    dangerously_allow_rsa_1024: options.dangerouslyAllowRsa1024,
    signatures,
  });
  const entries = options.issuers.flat().map(issuers.issuerJson);
  return `${shared.slice(0, -1)},"issuers":[${entries.join()}]}`;
}

function issuerKeys({ keys, unusable, key_set_age }: WireKeys): IssuerKeys {
  const reasons = unusable.map(({ key_id, code, message }) =>
    key_id === undefined ? { code, message } : { keyId: key_id, code, message },
  );
  return { keys, unusable: reasons, ...(key_set_age !== undefined && { keySetAge: key_set_age }) };
}
