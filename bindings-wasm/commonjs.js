// The CommonJS build of a package: its folder `cjs`, with the same files as `dist` and `entry`.
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const compiler = join(import.meta.dirname, "node_modules/typescript/bin/tsc");
const options = ["--module", "commonjs", "--moduleResolution", "bundler", "--target", "es2022", "--esModuleInterop"];
const entries = ["management.js", "node.js", "pure.js", "testing.js", "verify.js"];

/** Translates what is built in the folder of a package. */
export function commonJs(folder) {
  const cjs = join(folder, "cjs");
  rmSync(cjs, { recursive: true, force: true });
  const sources = entries.map((name) => join(folder, "entry", name));
  for (const part of ["dist", "dist/sources", "dist/testing", "dist/wasm"]) {
    const scripts = readdirSync(join(folder, part)).filter((name) => name.endsWith(".js"));
    sources.push(...scripts.map((name) => join(folder, part, name)));
  }
  // `entry` is translated with what it imports.
  const all = ["--ignoreConfig", "--allowJs", "--noCheck", ...options, "--rootDir", folder, "--outDir", cjs, ...sources];
  execFileSync(process.execPath, [compiler, ...all], { stdio: "inherit" });
  for (const name of readdirSync(join(folder, "dist"), { recursive: true })) {
    if (name.endsWith(".d.ts")) cpSync(join(folder, "dist", name), join(cjs, "dist", name));
  }
  cpSync(join(folder, "entry/package-folder.cjs"), join(cjs, "entry/package-folder.js"));
  writeFileSync(join(cjs, "package.json"), '{ "type": "commonjs" }\n');
}
