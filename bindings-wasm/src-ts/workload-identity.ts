/** Acquires tokens: a drop-in for `TokenCredential` of `@azure/core-auth`. */

import { certificateAuthorities, type CertificateAuthorities } from "./certificate-authorities.js";
import { existingPaths, variables, type DetectedSource } from "./detection.js";
import { Driver } from "./driver.js";
import type { Log } from "./effect-report.js";
import type { Host, TokenStore } from "./effects.js";
import { hostError, isUnavailable, nativeError } from "./errors.js";
import { KeptBound, KeptTokens } from "./kept-tokens.js";
import { Machine } from "./machine.js";
import { nativeModule, platform } from "./platform.js";
import { toBytes, type Done, type NativeClient, type NativeEngine, type NativeModule } from "./protocol.js";
import { contentOf, type SharedTokenCache } from "./shared-token-cache.js";
import { examine } from "./source-preflight.js";
import type { TokenSource } from "./sources/token-source.js";
import type { AbortSignalLike } from "./timeouts.js";
import type { Fetch } from "./transport.js";
import type { Preflight } from "./trust.js";

export interface WorkloadIdentityOptions {
  /** GUID or domain of the tenant. */
  tenantId?: string;
  /** GUID of the app registration or managed identity whose federated credential trusts the workload. */
  clientId?: string;
  /**
   * Where the workload's own token comes from: what a function such as `tokenFile` or `gitLab` returns, the name of a source such
   * as `"gitlab"`, or `"auto"` for what the environment offers.
   */
  source?: TokenSource | string;
  /** Entra authority host; `https://login.microsoftonline.com` if absent. */
  authorityHost?: string;
  /** Any OpenID Connect authority instead of Entra. */
  authority?: { issuer: string } | { tokenEndpoint: string; issuer?: string };
  /** Tenants that a request may name beside `tenantId`; `"*"` for any. */
  additionallyAllowedTenants?: string[];
  /**
   * `"deny"` refuses token endpoints on private networks and on this machine, for authorities that you do not control.
   * They are allowed over https if absent.
   */
  privateAddresses?: "allow" | "deny";
  /** Networks such as `10.0.0.0/8`: the only private addresses that are allowed. */
  allowedNetworks?: readonly string[];
  /** A cache of several objects. If absent, the object has a cache of its own. */
  cache?: SharedTokenCache;
  /** Bound of the object's own token cache; 0 turns it off. 10,000 if absent. */
  cacheMaxEntries?: number;
  /** Bound of its tokens in bytes; 64 MiB if absent. */
  cacheMaxBytes?: number;
  /** Milliseconds after which a request without an own limit fails. 30,000 if absent. */
  timeout?: number;
  /** `"per_request"` never waits for what another request started; the default on edge workers. */
  flight?: "shared" | "per_request";
  /** A token store shared with other processes or isolates. */
  store?: TokenStore;
  /** Certificate authorities (PEM) to trust beside those of Node.js, which has them from `NODE_EXTRA_CA_CERTS` too. */
  ca?: CertificateAuthorities;
  /** Sends requests in place of this package: another HTTP client, a test. */
  fetch?: Fetch;
  /** Receives one line for each request, file read, wait and failure, without secrets. */
  log?: Log;
  /** Keeps a worker alive while a token is refreshed in the background: `(work) => ctx.waitUntil(work)`. */
  waitUntil?: (work: Promise<unknown>) => void;
  /**
   * Whether token requests go to the token proxy of an AKS identity binding (`AZURE_KUBERNETES_TOKEN_PROXY`). By default they
   * do where `fromEnvironment` finds the token file of the pod.
   */
  tokenProxy?: boolean;
  /**
   * Whether the metadata services of Google Cloud and Azure are looked for, within 1 s, where neither `source` nor the
   * environment gives a token source. On Node.js only.
   */
  probe?: boolean;
  /** Variables for `fromEnvironment`, where the runtime passes them as an object. */
  environment?: Readonly<Record<string, unknown>>;
  /** Files and sockets of this machine by which sources are found; `fromEnvironment` passes those that exist on Node.js. */
  environmentPaths?: readonly string[];
  /** `false` lets `getToken`, not the constructor, report that there is no token source: for a chain of credentials. */
  required?: boolean;
}

export interface GetTokenOptions {
  /** Claims challenge of a resource; the token is then fetched again. */
  claims?: string;
  /** Another tenant than the configured one; it must be allowed. */
  tenantId?: string;
  /** Ask for tokens that are subject to continuous access evaluation. */
  enableCae?: boolean;
  /** Requests a new token, which replaces the cached one. */
  forceRefresh?: boolean;
  abortSignal?: AbortSignalLike;
  /** `timeout` in milliseconds. */
  requestOptions?: { timeout?: number };
  /** Separates callers whose workload tokens must not be shared. */
  context?: string;
  /** Path of a federated managed identity (FMI) that the token is for; Entra only. */
  fmiPath?: string;
}

/** An access token; the same shape as in `@azure/core-auth`. */
export interface AccessToken {
  token: string;
  /** Unix milliseconds. */
  expiresOnTimestamp: number;
  /** Unix milliseconds. */
  refreshAfterTimestamp?: number;
  tokenType: "Bearer";
}

/** Stands for the paths that exist, which are looked for when the native module is loaded. */
const existing: readonly string[] = [];

/** Gets and keeps access tokens for a workload. Make one and share it. */
export class WorkloadIdentity {
  readonly #driver: Driver<NativeEngine, Done>;
  readonly #bound: KeptBound;
  readonly #kept: KeptTokens<AccessToken>;
  readonly #examine: (abort: AbortSignalLike | undefined) => Promise<Preflight>;

  /** Throws a `ConfigurationError`; where the module is still to be loaded (browsers), `getToken` does. */
  constructor(options: WorkloadIdentityOptions) {
    const { store, environment } = options;
    const source = typeof options.source === "string" ? undefined : options.source;
    if (source?.config.kind === "file" && !platform().readFile) {
      throw hostError(
        "config_invalid",
        "caller",
        "this runtime has no file system; give the workload token with `callback` instead of `tokenFile`",
      );
    }
    const { machine, bound, begin } = options.cache === undefined ? alone(options) : sharing(options, options.cache);
    this.#bound = bound;
    this.#kept = new KeptTokens(bound);
    const host: Host = {
      fetch: options.fetch,
      ca: certificateAuthorities(options),
      answer: source?.answer,
      sign: source?.sign,
      store,
      environment,
      log: options.log,
    };
    this.#driver = new Driver(machine, host, options.waitUntil, begin);
    this.#examine = (abort) => examine((native) => configuration(options, native), host, abort);
  }

  /**
   * Takes what is not given from the environment: `AZURE_TENANT_ID`, `AZURE_CLIENT_ID`, `AZURE_AUTHORITY_HOST`, and
   * the source from `AZURE_FEDERATED_TOKEN_FILE` or the variables of GitHub Actions.
   */
  static fromEnvironment(overrides: WorkloadIdentityOptions = {}): WorkloadIdentity {
    const { environment } = platform();
    if (overrides.environment) return new WorkloadIdentity(overrides);
    if (!environment) {
      throw hostError(
        "config_invalid",
        "caller",
        "this runtime has no environment variables: pass them as `environment` or use the constructor; a bundle for Node.js needs the condition `node`",
      );
    }
    const all = new Proxy({}, { get: (_, name) => environment(String(name)) });
    return new WorkloadIdentity({ ...overrides, environment: all, environmentPaths: overrides.environmentPaths ?? existing });
  }

  /** An access token for one resource, e.g. `https://vault.azure.net/.default`. */
  getToken(scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken> {
    // A hit is a look-up and a clock read; the core is asked only after `freshUntil`.
    const key = keyOf(scopes, options);
    if (key !== undefined && !options?.forceRefresh) {
      const kept = this.#kept.find(key);
      if (kept && !options?.abortSignal?.aborted) return Promise.resolve(kept);
    }
    return this.#acquire(scopes, options, key);
  }

  /**
   * Asks the token source for its token, and tells whether a federated identity credential can match it at all. Nothing is
   * exchanged or kept.
   */
  preflight(options: { abortSignal?: AbortSignalLike } = {}): Promise<Preflight> {
    return this.#examine(options.abortSignal);
  }

  async #acquire(
    scopes: string | string[],
    options: GetTokenOptions | undefined,
    key: string | undefined,
  ): Promise<AccessToken> {
    const timeout = options?.requestOptions?.timeout;
    const request = JSON.stringify({
      scopes: typeof scopes === "string" ? [scopes] : scopes,
      claims: options?.claims,
      tenant_id: options?.tenantId,
      enable_cae: options?.enableCae,
      force_refresh: options?.forceRefresh,
      deadline: timeout ? Date.now() + timeout : undefined,
      context: options?.context,
      fmi_path: options?.fmiPath,
    });
    let answer: AccessToken | undefined;
    const done = await this.#driver.acquire(request, options?.abortSignal, (fresh) => {
      answer = accessToken(fresh);
      if (options?.forceRefresh) this.#bound.clear();
      if (key !== undefined) this.#kept.keep(key, answer, fresh.fresh_until);
    });
    // A claims challenge was answered: the core has a newer token than the one handed out so far.
    if (options?.claims) this.#bound.clear();
    return answer ?? accessToken(done);
  }
}

/** The machine of an object, the bound of what it keeps, and how a request is begun. */
interface Own {
  machine: Machine<NativeEngine>;
  bound: KeptBound;
  begin?: (machine: NativeEngine, request: Uint8Array) => number;
}

const isDeferred = (options: WorkloadIdentityOptions) => (error: unknown) =>
  options.required === false && isUnavailable(error);

/** An object with a cache of its own. */
function alone(options: WorkloadIdentityOptions): Own {
  const make = (native: NativeModule) => new native.Engine(toBytes(configuration(options, native)));
  return { machine: new Machine(make, isDeferred(options)), bound: new KeptBound(options.cacheMaxEntries) };
}

/** An object with a shared cache. */
function sharing(options: WorkloadIdentityOptions, cache: SharedTokenCache): Own {
  let client: NativeClient | undefined;
  const clientOf = (native: NativeModule): NativeClient => {
    try {
      return (client ??= new native.Client(toBytes(configuration(options, native))));
    } catch (error) {
      throw nativeError(error);
    }
  };
  const content = contentOf(cache);
  const native = nativeModule();
  try {
    if (!(native instanceof Promise)) clientOf(native);
  } catch (error) {
    if (!isDeferred(options)(error)) throw error;
  }
  // A machine has been made, so the module has been loaded.
  const begin = (machine: NativeEngine, request: Uint8Array) =>
    machine.begin_for(clientOf(nativeModule() as NativeModule), request);
  return { ...content, begin };
}

/** What two requests must have in common to share an answer; none when they may never share one. */
function keyOf(
  scopes: string | string[],
  options: GetTokenOptions | undefined,
): string | undefined {
  const scope = typeof scopes === "string" ? scopes : Array.isArray(scopes) ? scopes.join("\n") : undefined;
  if (scope === undefined || !options) return scope;
  const { claims, tenantId, enableCae, context, fmiPath } = options;
  if (claims) return undefined;
  if (!tenantId && !enableCae && !context && fmiPath === undefined) return scope;
  return JSON.stringify([scope, tenantId, enableCae, context, fmiPath]);
}

function accessToken({ value }: Done): AccessToken {
  const answer: AccessToken = {
    token: value.token,
    expiresOnTimestamp: value.expires_on * 1000,
    tokenType: value.token_type,
  };
  if (value.refresh_on !== undefined) answer.refreshAfterTimestamp = value.refresh_on * 1000;
  return Object.freeze(answer);
}

/** The variables of an AKS identity binding. */
const tokenProxy = ["TOKEN_PROXY", "SNI_NAME", "CA_FILE", "CA_DATA"].map((name) => `AZURE_KUBERNETES_${name}`);

/** The source that is chosen; none where the environment decides. */
function chosenSource({ source }: WorkloadIdentityOptions, native: NativeModule): TokenSource | undefined {
  if (typeof source !== "string") return source;
  if (source === "auto") return undefined;
  const rows = JSON.parse(native.sources(toBytes("{}"))) as { name: string; variables: string[] }[];
  return { config: { kind: source }, variables: rows.find(({ name }) => name === source)?.variables ?? [] };
}

/** Logs which token source the environment offers and why, and which others it offers, too. */
function logDetected(document: object, native: NativeModule, log: Log): void {
  const rows = JSON.parse(native.sources(toBytes(JSON.stringify(document)))) as DetectedSource[];
  const [first, ...others] = rows.filter(({ detected }) => detected);
  if (first) log(`token source ${first.name}: ${first.why}`);
  for (const { name, why } of others) log(`token source ${name} is not used, ${first?.name} comes first: ${why}`);
}

/** The process's variables that a source and the token proxy read. */
function variablesOf(source: TokenSource | undefined, withProxy: boolean | undefined): Record<string, string | undefined> {
  const names = [...(source?.variables ?? []), ...(withProxy ? tokenProxy : [])];
  return Object.fromEntries(names.map((name) => [name, platform().environment?.(name)]));
}

/** The core's configuration (`docs/protocol.md`, section 2); absent members are left out. */
function configuration(options: WorkloadIdentityOptions, native: NativeModule): string {
  const { authority } = options;
  const source = chosenSource(options, native);
  const environment = variables(native, options.environment ?? variablesOf(source, options.tokenProxy));
  // A source that reads the environment can be found by a file, too.
  const looks = source?.variables !== undefined && options.environment === undefined;
  const paths = options.environmentPaths ?? (looks ? existing : undefined);
  const environment_paths = paths === existing ? existingPaths(native) : paths;
  const log = options.log ?? platform().log;
  if (!source && log) logDetected({ environment, environment_paths }, native, log);
  return JSON.stringify({
    tenant_id: options.tenantId,
    client_id: options.clientId,
    authority_host: options.authorityHost,
    authority:
      authority && "tokenEndpoint" in authority
        ? { token_endpoint: authority.tokenEndpoint, issuer: authority.issuer }
        : authority,
    source: source?.config,
    token_proxy: options.tokenProxy,
    probe: options.probe,
    environment,
    environment_paths,
    additionally_allowed_tenants: options.additionallyAllowedTenants,
    private_addresses: options.privateAddresses,
    allowed_networks: options.allowedNetworks,
    cache_max_entries: options.cacheMaxEntries,
    cache_max_bytes: options.cacheMaxBytes,
    // A shared cache has this setting.
    flight: options.flight ?? (options.cache === undefined ? platform().flight : undefined),
    store: options.store !== undefined,
    timeout_ms: options.timeout,
  });
}
