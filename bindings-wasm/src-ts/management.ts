/** The entry `/management`: the federated identity credentials of applications, agent blueprints and managed identities. */

import { certificateAuthorities, type CertificateAuthorities } from "./certificate-authorities.js";
import { AppliedCredentials, CredentialPlan, type NamedCredential } from "./federated-credential.js";
import { Driver } from "./driver.js";
import type { Log } from "./effect-report.js";
import { errorOf, hostError } from "./errors.js";
import type { TokenCredentialLike } from "./host-calls.js";
import { Machine } from "./machine.js";
import { toBytes, type ManagerDone, type NativeManager, type WireApplied, type WirePlan } from "./protocol.js";
import type { AbortSignalLike } from "./timeouts.js";
import type { Fetch } from "./transport.js";
import { readTrustFile, TrustFile, wireIdentity, type TrustIdentity } from "./trust-file.js";

export { AppliedCredentials, CredentialPlan } from "./federated-credential.js";
export type { CredentialChange, NamedCredential } from "./federated-credential.js";
export type { TokenCredentialLike } from "./host-calls.js";
export { parseTrustFile, readTrustFile, TrustFile } from "./trust-file.js";
export type { TrustIdentity } from "./trust-file.js";

/** Exactly one of `appId`, `appObjectId`, `agentBlueprint` and `managedIdentity` is given. */
export interface FederatedCredentialsOptions extends TrustIdentity {
  /** Gives the access tokens: a `WorkloadIdentity`, or a `TokenCredential` of `@azure/core-auth`. */
  credential: TokenCredentialLike;
  /** Tenant of the access tokens, where the credential serves several. */
  tenantId?: string;
  /** Entra authority host, which selects Graph and Resource Manager; `https://login.microsoftonline.com` if absent. */
  authorityHost?: string;
  /** Microsoft Graph without its version, for tests. */
  graphUrl?: string;
  /** Azure Resource Manager, for tests. */
  armUrl?: string;
  /** If absent, beta is used only where an expression needs it. */
  graphVersion?: "v1.0" | "beta";
  /** The scope of the access tokens; that of the cloud's service if absent. */
  scope?: string;
  /** Milliseconds after which a call without an own limit fails. */
  timeout?: number;
  /** `"deny"` refuses addresses on private networks and on this machine. */
  privateAddresses?: "allow" | "deny";
  /** Networks such as `10.0.0.0/8`: the only private addresses that are allowed. */
  allowedNetworks?: readonly string[];
  /** Certificate authorities (PEM) to trust beside those of Node.js. */
  ca?: CertificateAuthorities;
  /** Sends requests in place of this package. */
  fetch?: Fetch;
  /** Receives one line for each request, wait and failure, without secrets. */
  log?: Log;
}

/** Of each call. */
export interface ManagementOptions {
  abortSignal?: AbortSignalLike;
  /** `timeout` in milliseconds. */
  requestOptions?: { timeout?: number };
}

export interface PlanOptions extends ManagementOptions {
  /** Whether credentials that are not wanted are removed. */
  prune?: boolean;
}

/** The wanted credentials: a list, what a trust file declares, or the path of one where the runtime has files. */
export type WantedCredentials = readonly NamedCredential[] | TrustFile | string;

/**
 * The federated identity credentials of one application, agent blueprint or managed identity. They are read and written at
 * Microsoft Graph, those of a managed identity at Azure Resource Manager.
 *
 * ```ts
 * const credentials = new FederatedCredentials({ credential: WorkloadIdentity.fromEnvironment(), appId });
 * console.log(`${await credentials.plan("trust.yaml")}`);
 * ```
 *
 * Each call rejects with a `WorkloadIdentityError`, or with the reason of its `abortSignal`.
 */
export class FederatedCredentials {
  readonly #driver: Driver<NativeManager, ManagerDone>;

  /** Throws a `ConfigurationError`; where the module is still to be loaded (browsers), the calls do. */
  constructor(options: FederatedCredentialsOptions) {
    const { credential } = options;
    if (typeof (credential as TokenCredentialLike | undefined)?.getToken !== "function") {
      const message = "`credential` must have `getToken`: a WorkloadIdentity or a TokenCredential of @azure/core-auth";
      throw hostError("config_invalid", "caller", message);
    }
    const config = JSON.stringify({
      identity: wireIdentity(options),
      tenant_id: options.tenantId,
      authority_host: options.authorityHost,
      graph_url: options.graphUrl,
      arm_url: options.armUrl,
      graph_version: options.graphVersion,
      scope: options.scope,
      timeout_ms: options.timeout,
      private_addresses: options.privateAddresses,
      allowed_networks: options.allowedNetworks,
    });
    const machine = new Machine((native) => new native.Manager(toBytes(config)));
    const host = { fetch: options.fetch, ca: certificateAuthorities(options), credential, log: options.log };
    this.#driver = new Driver(machine, host, undefined);
  }

  /** All credentials. */
  async list(options?: ManagementOptions): Promise<NamedCredential[]> {
    return (await this.#done<{ credentials: NamedCredential[] }>({ operation: "list" }, options)).credentials;
  }

  /** The credential of a name; `credential_not_found` if there is none. */
  async get(name: string, options?: ManagementOptions): Promise<NamedCredential> {
    return this.#credential({ operation: "get", name }, options);
  }

  /** Creates a credential; `credential_conflict` if its name, or its issuer and subject, exist already. */
  async create(credential: NamedCredential, options?: ManagementOptions): Promise<NamedCredential> {
    return this.#credential({ operation: "create", credential: wireOf(credential) }, options);
  }

  /** Changes the members that are given of the credential with this name. */
  async update(
    credential: Partial<NamedCredential> & { readonly name: string },
    options?: ManagementOptions,
  ): Promise<NamedCredential> {
    return this.#credential({ operation: "update", credential: wireOf(credential) }, options);
  }

  /** Creates the credential, or makes the one with this name equal to it. */
  async upsert(credential: NamedCredential, options?: ManagementOptions): Promise<NamedCredential> {
    return this.#credential({ operation: "upsert", credential: wireOf(credential) }, options);
  }

  /** Deletes the credential of a name, and tells whether there was one. */
  async delete(name: string, options?: ManagementOptions): Promise<boolean> {
    return (await this.#done<{ deleted: boolean }>({ operation: "delete", name }, options)).deleted;
  }

  /** What `apply` would change. Nothing is written. */
  async plan(wanted: WantedCredentials, options?: PlanOptions): Promise<CredentialPlan> {
    const request = { operation: "plan", ...(await this.#wanted(wanted)), prune: options?.prune };
    return new CredentialPlan(await this.#done<WirePlan>(request, options));
  }

  /**
   * Makes the credentials as wanted. A second time there is nothing to do. If something had been changed before it failed,
   * the error has the report as `applied`; a call that is aborted has none.
   */
  async apply(wanted: WantedCredentials, options?: PlanOptions): Promise<AppliedCredentials> {
    const request = { operation: "apply", ...(await this.#wanted(wanted)), prune: options?.prune };
    const { error, ...report } = await this.#done<WireApplied>(request, options);
    if (error && !report.complete) throw errorOf({ ...error, applied: report });
    return new AppliedCredentials(report);
  }

  async #credential(request: object, options: ManagementOptions | undefined): Promise<NamedCredential> {
    return (await this.#done<{ credential: NamedCredential }>(request, options)).credential;
  }

  async #done<V>(request: object, options: ManagementOptions | undefined): Promise<V> {
    const timeout = options?.requestOptions?.timeout;
    const text = JSON.stringify({ ...request, deadline: timeout ? Date.now() + timeout : undefined });
    return (await this.#driver.acquire(text, options?.abortSignal)).value as V;
  }

  /** The members of a request to plan or apply. The core refuses a file of another identity. */
  async #wanted(wanted: WantedCredentials): Promise<object> {
    const given = typeof wanted === "string" ? await readTrustFile(wanted) : wanted;
    if (given instanceof TrustFile) {
      return { credentials: given.credentials.map(wireOf), identity: wireIdentity(given.identity) };
    }
    return { credentials: Array.isArray(given) ? given.map(wireOf) : given };
  }
}

/** A credential as the core takes it. */
function wireOf(credential: Partial<NamedCredential>): object {
  const { id: _, ...members } = credential;
  return members;
}
