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

/** The text of a module that exports the package and its native module, for `run` of the suite. */
export function suiteModule(folder) {
  const suite = join(import.meta.dirname, "../suite/index.js");
  return `
    import * as exports from "workload-identity-wasm";
    import { nativeModule } from "${folder}/node_modules/workload-identity-wasm/dist/platform.js";
    import { run } from "${suite}";
    export const runSuite = async (host) => run({ ...host, package: exports, native: await nativeModule() });
  `;
}
