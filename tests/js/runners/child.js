// A program of the user's, in a process of its own.
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const exec = promisify(execFile);
let count = 0;

/** Variables that change how requests are sent; a test sets those that it means. */
const unset = Object.fromEntries(
  ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"]
    .flatMap((name) => [name, name.toLowerCase()])
    .concat("NODE_EXTRA_CA_CERTS", "NODE_USE_ENV_PROXY", "REQUEST_METHOD")
    .map((name) => [name, undefined]),
);

/** Runs the text of a module beside the installed packages; the last line it prints, as JSON, and how long it ran. */
export async function runProgram(installed, text, env = {}) {
  count += 1;
  const path = join(installed.folder, `program-${count}.mjs`);
  await writeFile(path, text);
  const options = { cwd: installed.folder, env: { ...process.env, ...unset, ...env }, timeout: 120_000 };
  const { stdout } = await exec(process.execPath, [path], options);
  return JSON.parse(stdout.trim().split("\n").at(-1));
}
