/** A credential without a token service. */

import type { AccessToken } from "../workload-identity.js";

export interface FakeCredentialOptions {
  /** The token; `test-token` if absent. */
  token?: string;
  /** Seconds until it expires, from each call on; 3600 if absent. */
  expiresIn?: number;
  /** Thrown by each call instead. */
  error?: Error;
}

/**
 * Returns the same token for every scope and records the calls; a `TokenCredential` of `@azure/core-auth`.
 *
 * @example
 * const credential = new FakeCredential();
 * await new SecretClient(vaultUrl, credential).getSecret("name");
 * console.log(credential.calls); // [["https://vault.azure.net/.default"]]
 */
export class FakeCredential {
  /** The scopes of each call, in order. */
  readonly calls: (readonly string[])[] = [];
  readonly #options: FakeCredentialOptions;

  constructor(options: FakeCredentialOptions = {}) {
    this.#options = options;
  }

  async getToken(scopes: string | readonly string[], _options?: unknown): Promise<AccessToken> {
    const { token = "test-token", expiresIn = 3600, error } = this.#options;
    this.calls.push(typeof scopes === "string" ? [scopes] : [...scopes]);
    if (error) throw error;
    return { token, expiresOnTimestamp: Date.now() + expiresIn * 1000, tokenType: "Bearer" };
  }
}
