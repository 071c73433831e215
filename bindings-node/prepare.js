// `npm install ./bindings-node` builds the package from source; that needs cargo, as the README says.
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
execFileSync("cargo", ["xtask", "wasm"], { cwd: root, stdio: "inherit" });
execFileSync(process.execPath, ["build.js"], { cwd: import.meta.dirname, stdio: "inherit" });
