// What a worker's build does: one file by the bundler, which resolves the package through the runtime's conditions.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

/** Bundles `source` (ES module text), as if it stood in the folder with the packages. */
export async function bundle(folder, source, { conditions, format, plugins = [], external = [] }) {
  const entry = join(folder, `entry-${conditions.join("-")}.js`);
  await writeFile(entry, source);
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format,
    conditions,
    external,
    plugins,
    target: "es2022",
    logLevel: "error",
  });
  return outputFiles[0].text;
}

/** The package's wasm modules by their files' names. */
export const wasmModules = ["workload_identity_bg.wasm", "pure_bg.wasm"];

/** The text of a module that exports the package and its native modules, for `run` of the suite. */
export function suiteModule(folder) {
  const suite = join(import.meta.dirname, "../suite/index.js");
  return `
    import * as exports from "workload-identity-wasm";
    import * as pureExports from "workload-identity-wasm/pure";
    import { nativeModule } from "${folder}/node_modules/workload-identity-wasm/dist/platform.js";
    import { run } from "${suite}";
    export const runSuite = async (host) => {
      const pure = { package: pureExports, native: await nativeModule("pure") };
      return run({ ...host, package: exports, native: await nativeModule(), pure });
    };
  `;
}
