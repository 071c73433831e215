// The shared suite over the addon, and over the wasm build of both packages.
import { join } from "node:path";
import { after, test } from "node:test";
import { install, readVectors } from "../runners/installed.js";
import { environmentOf, startEmulator } from "../runners/emulator.js";
import { suite } from "../suite/index.js";

const installed = await install();
const tokenFile = join(installed.folder, "token");
const emulator = await startEmulator("--token-file", tokenFile);
Object.assign(process.env, environmentOf(emulator.facts, tokenFile));
const vectors = await readVectors();
after(async () => {
  await emulator.stop();
  await installed.remove();
});

// Before the first test: the runner takes a pause between two of them for the end.
const names = ["workload-identity", "workload-identity-wasm"];
const packages = await Promise.all(names.map((name) => installed.load(name)));

for (const [index, name] of names.entries()) {
  const tests = suite({ ...packages[index], emulator: emulator.facts, tokenFile, ...vectors });
  for (const [title, work] of Object.entries(tests)) test(`${name}: ${title}`, work);
}
