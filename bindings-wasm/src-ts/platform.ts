/** What differs between runtimes. Each entry installs its platform before anything is used. */

import type { NativeModule } from "./protocol.js";

/** What a native module can do; `pure` verifies signatures without the runtime's crypto. */
export type Ability = "acquire" | "verify" | "pure";

export interface Platform {
  /** One environment variable; absent where the runtime has no environment. */
  environment?(name: string): string | undefined;
  /** At most `limit` bytes of a file; absent where the runtime has no file system. */
  readFile?(path: string, limit: number): Promise<Uint8Array>;
  /** Whether one request may wait for a promise that another request created. */
  flight: "shared" | "per_request";
  /** Keeps a request's context alive until the background work is done. */
  waitUntil?(work: Promise<unknown>): void;
  /** Members for `fetch` that only this runtime knows. */
  fetchOptions?: RequestInit;
}

/** The native module; a promise where it has to be downloaded first. */
export type Load = () => NativeModule | Promise<NativeModule>;

class Loader {
  #native: NativeModule | Promise<NativeModule> | undefined;

  constructor(private readonly load: Load) {}

  get(): NativeModule | Promise<NativeModule> {
    if (this.#native) return this.#native;
    const loading = this.load();
    this.#native = loading;
    if (loading instanceof Promise) {
      loading.then(
        (module) => (this.#native = module),
        // A failed download is not remembered: the next call tries again.
        () => (this.#native = undefined),
      );
    }
    return loading;
  }
}

let installed: Platform | undefined;
const loaders = new Map<Ability, Loader>();

/** For entries: declares the runtime, and a module with what it can do. Called once by each entry that is imported. */
export function install(platform: Platform, abilities: readonly Ability[], load: Load): void {
  installed = platform;
  const loader = new Loader(load);
  for (const ability of abilities) {
    if (!loaders.has(ability)) loaders.set(ability, loader);
  }
}

export function platform(): Platform {
  return installed ?? notInstalled();
}

/** The native module, loaded at the first use and never at import: workers start faster that way. */
export function nativeModule(ability: Ability = "acquire"): NativeModule | Promise<NativeModule> {
  return (loaders.get(ability) ?? notInstalled()).get();
}

function notInstalled(): never {
  throw new Error("import the package by its name, not one of its inner files");
}
