/** The platform of Node.js and Bun. */

import type { NodeModules } from "./node-connection.js";
import { nodeTransport } from "./node-transport.js";
import type { Platform } from "./platform.js";
import { proxyVariable } from "./proxy.js";
import { readUpTo } from "./read-up-to.js";

/** The part of `node:fs/promises` that is used. */
type Open = (path: string) => Promise<{
  read(into: Uint8Array): Promise<{ readonly bytesRead: number }>;
  close(): Promise<void>;
}>;

/** Without `modules`, as on Bun, the runtime's own `fetch` is used. */
export function nodePlatform(
  variables: Readonly<Record<string, string | undefined>>,
  open: Open,
  modules?: NodeModules,
): Platform {
  const environment = (name: string) => variables[name];
  return {
    environment,
    async readFile(path, limit) {
      const file = await open(path);
      try {
        return await readUpTo(limit, async (into) => (await file.read(into)).bytesRead);
      } finally {
        await file.close();
      }
    },
    flight: "shared",
    proxyVariable: (url) => proxyVariable(url, environment),
    ...(modules && { transport: nodeTransport(environment, modules) }),
  };
}
