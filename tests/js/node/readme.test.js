// The examples of both packages' READMEs run as they stand.
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { environmentOf, startEmulator } from "../runners/emulator.js";
import { install } from "../runners/installed.js";

const exec = promisify(execFile);
const installed = await install();
const tokenFile = join(installed.folder, "token");
const emulator = await startEmulator("--token-file", tokenFile);
after(async () => {
  await emulator.stop();
  await installed.remove();
});

const examples = [];
for (const name of ["workload-identity", "workload-identity-wasm"]) {
  const text = await readFile(installed.path(name, "README.md"), "utf8");
  const blocks = [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code);
  if (blocks.length < 2) throw new Error(`${name}'s README has ${blocks.length} examples`);
  examples.push(...blocks.map((code, index) => [`${name}-${index + 1}`, code]));
}

for (const [name, code] of examples) {
  test(name, async () => {
    const path = join(installed.folder, `${name}.mjs`);
    await writeFile(path, code);
    const env = { ...process.env, ...environmentOf(emulator.facts, tokenFile) };
    await exec(process.execPath, [path], { cwd: installed.folder, env });
  });
}
