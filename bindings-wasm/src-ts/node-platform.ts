/** The platform of Node.js and Bun. */

import type { Platform } from "./platform.js";
import { readUpTo } from "./read-up-to.js";

/** The part of `node:fs/promises` that is used. */
type Open = (path: string) => Promise<{
  read(into: Uint8Array): Promise<{ readonly bytesRead: number }>;
  close(): Promise<void>;
}>;

export function nodePlatform(environment: Readonly<Record<string, string | undefined>>, open: Open): Platform {
  return {
    environment: (name) => environment[name],
    async readFile(path, limit) {
      const file = await open(path);
      try {
        return await readUpTo(limit, async (into) => (await file.read(into)).bytesRead);
      } finally {
        await file.close();
      }
    },
    flight: "shared",
  };
}
