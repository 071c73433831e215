/** Files whose content the core parses: trust files and lists of credentials. */

import { hostError } from "./errors.js";
import { platform } from "./platform.js";
import { escaped } from "./verdict.js";

/** The core takes files of one MiB, and refuses a longer one. */
const longestFile = 1024 * 1024;

/**
 * The content of a file, at most one byte more than the core takes. `what` it is and what to do `otherwise` are for the
 * message of the `ConfigurationError`.
 */
export async function readDocument(path: string, what: string, otherwise: string): Promise<Uint8Array> {
  const { readFile } = platform();
  if (!readFile) throw hostError("config_invalid", "caller", `this runtime has no file system; ${otherwise}`);
  try {
    return await readFile(path, longestFile + 1);
  } catch (cause) {
    throw hostError("config_invalid", "caller", `${what} \`${escaped(path)}\` cannot be read`, cause);
  }
}
