/** What the environment offers: the token sources that are found in it, and why. */

import { nativeError } from "./errors.js";
import { nativeModule, platform } from "./platform.js";
import { toBytes, type NativeModule } from "./protocol.js";

/** A token source, and whether the environment offers it. */
export interface DetectedSource {
  /** The `kind` of `docs/protocol.md`, section 3. */
  name: string;
  /** Whether its variables or files are there, even if one is missing or cannot be used. */
  detected: boolean;
  /** Whether `WorkloadIdentity.fromEnvironment` uses it. */
  chosen: boolean;
  /** What was found, or what was looked for. */
  why: string;
  /** The environment variables that it reads. */
  variables: string[];
}

/** Where to look; the environment and the files of this process if absent. */
export interface DetectionOptions {
  environment?: Readonly<Record<string, unknown>>;
  /** Paths that exist. */
  environmentPaths?: readonly string[];
}

/** Reports on every token source in the order of detection. Makes no request. Throws a `ConfigurationError`. */
export async function detectSources(options: DetectionOptions = {}): Promise<DetectedSource[]> {
  const native = await nativeModule();
  const paths = options.environmentPaths ?? (options.environment ? [] : existingPaths(native));
  const document = { environment: variables(native, options.environment), environment_paths: paths };
  try {
    return JSON.parse(native.sources(toBytes(JSON.stringify(document)))) as DetectedSource[];
  } catch (error) {
    throw nativeError(error);
  }
}

/** The variables that the core reads: those of an object, or of the process. */
export function variables(native: NativeModule, environment?: Readonly<Record<string, unknown>>): Record<string, string> {
  const names = JSON.parse(native.environment_names()) as string[];
  const value = (name: string) => (environment ? environment[name] : platform().environment?.(name));
  const found = names.map((name) => [name, value(name)] as const);
  return Object.fromEntries(found.filter((pair): pair is [string, string] => typeof pair[1] === "string"));
}

/** The paths that exist, of those that the core looks for; none where the runtime has no file system. */
export function existingPaths(native: NativeModule): string[] {
  return platform().existingPaths?.(JSON.parse(native.environment_paths()) as string[]) ?? [];
}
