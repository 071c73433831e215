// The runtimes' own programs. Their npm packages wrap them in scripts that do not pass signals on, and whose installation steps
// may have been held back.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const { platform, arch } = process;
const inside = (name, ...parts) => join(dirname(require.resolve(`${name}/package.json`)), ...parts);

export const workerd = () =>
  inside(`@cloudflare/workerd-${platform}-${arch === "x64" ? "64" : arch}`, "bin/workerd");

export const bun = () => inside(`@oven/bun-${platform}-${arch === "arm64" ? "aarch64" : arch}`, "bin/bun");

/** This one's script replaces itself well enough: it waits for its child. */
export const deno = () => join(import.meta.dirname, "../node_modules/.bin/deno");
