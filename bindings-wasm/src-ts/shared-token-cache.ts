/** One token cache for several `WorkloadIdentity` objects. */

import { hostError } from "./errors.js";
import { KeptBound } from "./kept-tokens.js";
import { Machine } from "./machine.js";
import { platform } from "./platform.js";
import { toBytes, type NativeEngine } from "./protocol.js";

export interface SharedTokenCacheOptions {
  /** Maximum number of cached tokens of all objects together; 10,000 if absent, 0 turns the cache off. */
  maxEntries?: number;
  /** Maximum size of the cached tokens in bytes; 64 MiB if absent. */
  maxBytes?: number;
  /** `"per_request"` never waits for what another request started; the default on edge workers. */
  flight?: "shared" | "per_request";
}

/** What the objects of a cache share. */
interface Shared {
  readonly machine: Machine<NativeEngine>;
  readonly bound: KeptBound;
}

const contents = new WeakMap<object, Shared>();

/**
 * A token cache that several `WorkloadIdentity` objects share: `new WorkloadIdentity({ ..., cache })`.
 *
 * Objects with the same authority, client id and tenant share tokens; others never get them. Objects that have the same
 * source, too, share a token request that is under way. The tokens live as long as the cache.
 */
export class SharedTokenCache {
  /** Throws a `ConfigurationError`; where the module is still to be loaded (browsers), `getToken` does. */
  constructor(options: SharedTokenCacheOptions = {}) {
    const settings = JSON.stringify({
      max_entries: options.maxEntries,
      max_bytes: options.maxBytes,
      flight: options.flight ?? platform().flight,
    });
    const machine = new Machine((native) => native.Engine.shared(toBytes(settings)));
    contents.set(this, { machine, bound: new KeptBound(options.maxEntries) });
  }
}

/** What the objects of a cache share. Throws a `ConfigurationError` for anything else than a cache of this package. */
export function contentOf(cache: SharedTokenCache): Shared {
  const content = typeof cache === "object" && cache !== null ? contents.get(cache) : undefined;
  if (!content) throw hostError("config_invalid", "caller", "`cache` is not a `SharedTokenCache` of this package");
  return content;
}
