// `npm install ./bindings-wasm` builds the package from source; that needs cargo, as the README says.
import { execFileSync } from "node:child_process";

execFileSync("cargo", ["xtask", "wasm"], { cwd: import.meta.dirname, stdio: "inherit" });
