// Bundles for a worker: one file, with the package resolved by the runtime's conditions.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

/** Bundles `source` (ES module text), as if it stood in the folder with the packages. */
export async function bundle(folder, source, { conditions, format, plugins, name }) {
  const entry = join(folder, `entry-${conditions.join("-")}.js`);
  await writeFile(entry, source);
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format,
    conditions,
    plugins,
    globalName: name,
    target: "es2022",
    logLevel: "error",
  });
  return outputFiles[0].text;
}

/** Vercel's build replaces an import that ends in `?module` by a compiled module. */
export const compiledModule = {
  name: "wasm-module",
  setup(build) {
    build.onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: "wasm-module" }));
    build.onLoad({ filter: /.*/, namespace: "wasm-module" }, () => ({
      contents: "export default new WebAssembly.Module(globalThis.moduleBytes);",
    }));
  },
};

/** The options of esbuild that the README shows for Cloudflare's runtime. */
export const workerdOptions = {
  conditions: ["workerd"],
  external: ["cloudflare:*"],
  loader: { ".wasm": "copy" },
};

/** Writes the bundle `out` of `source`, and beside it the files that it imports. */
export async function bundleWorker(folder, source, out, options = workerdOptions) {
  const entry = join(folder, "worker-source.js");
  await writeFile(entry, source);
  const names = { outfile: out, assetNames: "[name]" };
  await build({ entryPoints: [entry], bundle: true, format: "esm", logLevel: "error", ...names, ...options });
}

/** The file of the WebAssembly module for edge runtimes. */
export const wasmModule = "workload_identity_edge.wasm";

/** The text of a module that exports `run` of the suite for the package. */
export function suiteModule(folder) {
  const suite = join(import.meta.dirname, "../suite/index.js");
  return `
    import * as exports from "workload-identity-wasm";
    import * as pure from "workload-identity-wasm/pure";
    import * as management from "workload-identity-wasm/management";
    import { nativeModule } from "${folder}/node_modules/workload-identity-wasm/dist/platform.js";
    import { run } from "${suite}";
    export const runSuite = async (host) =>
      run({ ...host, package: exports, native: await nativeModule(), pure, management });
  `;
}
