// The shared suite over the addon, and over the wasm build of both packages.
import { after, test } from "node:test";
import { install, readTranscripts } from "../runners/installed.js";
import { startEmulator } from "../runners/emulator.js";
import { suite } from "../suite/index.js";

const installed = await install();
const emulator = await startEmulator();
const transcripts = await readTranscripts();
after(async () => {
  emulator.stop();
  await installed.remove();
});

for (const name of ["workload-identity", "workload-identity-wasm"]) {
  const loaded = await installed.load(name);
  const tests = suite({ ...loaded, emulator: emulator.facts, transcripts });
  for (const [title, work] of Object.entries(tests)) test(`${name}: ${title}`, work);
}
