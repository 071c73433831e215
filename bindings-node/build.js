// Builds the addon for this machine and lays the shared TypeScript package, already built, beside it.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { commonJs } from "../bindings-wasm/commonjs.js";

const here = import.meta.dirname;
const root = join(here, "..");
const cargo = (...args) =>
  execFileSync("cargo", args, { cwd: root, stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" });

/** The signatures of aws-lc-rs need a C compiler; those of pure Rust do not, and are several times slower. */
function signatures() {
  const compilers = process.env.CC ? [process.env.CC] : process.platform === "win32" ? ["cl", "clang"] : ["cc", "gcc", "clang"];
  if (compilers.some((compiler) => !spawnSync(compiler, ["--version"]).error)) return [];
  console.warn("warning: no C compiler (%s): signatures will be verified by pure Rust, several times slower", compilers.join(", "));
  return ["--no-default-features", "--features", "rustcrypto"];
}

const format = "--message-format=json-render-diagnostics";
const messages = cargo("build", "--release", "-p", "workload-identity-node", format, ...signatures());
const built = messages
  .split("\n")
  .filter(Boolean)
  .map((line) => JSON.parse(line))
  .findLast((message) => message.reason === "compiler-artifact" && message.target.kind.includes("cdylib"));

const libc = process.report.getReport().header.glibcVersionRuntime ? "gnu" : "musl";
const parts = [process.platform, process.arch, ...(process.platform === "linux" ? [libc] : [])];
for (const folder of ["native", "dist"]) rmSync(join(here, folder), { recursive: true, force: true });
mkdirSync(join(here, "native"));
cpSync(built.filenames[0], join(here, "native", `${parts.join("-")}.node`));
// Node.js uses the module with all sources.
const isOfEdge = (path) => /[/\\](embedded[/\\]edge\.js|workload_identity_edge\.wasm)$/.test(path);
cpSync(join(root, "bindings-wasm/dist"), join(here, "dist"), { recursive: true, filter: (path) => !isOfEdge(path) });
commonJs(here);
