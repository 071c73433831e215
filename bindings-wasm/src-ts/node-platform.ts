/** The platform of Node.js and Bun. */

import type { Log } from "./effect-report.js";
import type { NodeModules } from "./node-connection.js";
import { execute, type ExecutionModules } from "./node-execution.js";
import { nodeTransport } from "./node-transport.js";
import type { Platform } from "./platform.js";
import { proxyVariable } from "./proxy.js";
import { readUpTo } from "./read-up-to.js";

/** The part of `process` that is used. */
export interface NodeProcess {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly versions: { readonly bun?: string };
  getBuiltinModule(name: string): unknown;
}

export interface Modules extends NodeModules, ExecutionModules {
  readonly "fs/promises": {
    open(path: string): Promise<{
      read(into: Uint8Array): Promise<{ readonly bytesRead: number }>;
      close(): Promise<void>;
    }>;
  };
  readonly fs: NodeModules["fs"] & { existsSync(path: string): boolean };
  readonly util: { debuglog(section: string): Log & { readonly enabled: boolean } };
}

/** The modules of Node.js, loaded at their first use: imports would take several times as long as the rest of this package. */
export function nodeModules({ getBuiltinModule }: Pick<NodeProcess, "getBuiltinModule">): Modules {
  return new Proxy({}, { get: (_, name) => getBuiltinModule(`node:${String(name)}`) }) as Modules;
}

export function nodePlatform(process: NodeProcess): Platform {
  const environment = (name: string) => process.env[name];
  const modules = nodeModules(process);
  const transport = nodeTransport(environment, modules);
  const debug = process.env["NODE_DEBUG"] ? modules.util.debuglog("workload-identity") : undefined;
  return {
    environment,
    async readFile(path, limit) {
      const file = await modules["fs/promises"].open(path);
      try {
        return await readUpTo(limit, async (into) => (await file.read(into)).bytesRead);
      } finally {
        await file.close();
      }
    },
    flight: "shared",
    log: debug?.enabled ? (line) => debug(line) : undefined,
    proxyVariable: (url) => proxyVariable(url, environment),
    existingPaths: (paths) => paths.filter((path) => modules.fs.existsSync(path)),
    execute: (execution, timeoutMs, signal) => execute(execution, timeoutMs, signal, modules),
    // Bun's `fetch` reads the variables of proxies itself.
    ...(process.versions.bun === undefined ? { transport } : { connectingTransport: transport }),
  };
}
