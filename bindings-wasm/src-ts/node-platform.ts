/** The platform of Node.js and Bun. */

import type { Log } from "./effect-report.js";
import type { NodeModules } from "./node-connection.js";
import { execute, type ExecutionModules } from "./node-execution.js";
import { nodeTransport } from "./node-transport.js";
import type { Platform } from "./platform.js";
import { proxyVariable } from "./proxy.js";
import { readUpTo } from "./read-up-to.js";
import { fetchJwtSvid, type Grpc } from "./workload-api.js";

/** The part of `process` that is used. */
export interface NodeProcess {
  readonly argv: readonly string[];
  cwd(): string;
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
  readonly module: { createRequire(path: string): (name: string) => unknown };
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
  // As the program's own import, because bundlers would fail on an import of an optional package.
  const grpc = () => modules.module.createRequire(process.argv[1] ?? `${process.cwd()}/`)("@grpc/grpc-js") as Grpc;
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
    fetchJwtSvid: (payload, timeoutMs, signal) => fetchJwtSvid(payload, timeoutMs, signal, grpc),
    // Bun's `fetch` reads the variables of proxies itself.
    ...(process.versions.bun === undefined ? { transport } : { connectingTransport: transport }),
  };
}
