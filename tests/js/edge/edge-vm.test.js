// Vercel's edge runtime: a script in a context without Node.js.
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { EdgeVM } from "@edge-runtime/vm";
import { bundle, compiledModule, suiteModule, wasmModule } from "../runners/bundle.js";
import { startEmulator } from "../runners/emulator.js";
import { install, readVectors } from "../runners/installed.js";
import { assertPassed } from "../runners/suite-result.js";

const installed = await install();
const emulator = await startEmulator();
after(async () => {
  await emulator.stop();
  await installed.remove();
});

test("Vercel's edge runtime", async () => {
  const source = `${suiteModule(installed.folder)} globalThis.runSuite = runSuite;`;
  const code = await bundle(installed.folder, source, {
    conditions: ["edge-light"],
    format: "iife",
    plugins: [compiledModule],
  });
  const bytes = await readFile(installed.path("workload-identity-wasm", "dist/wasm", wasmModule));
  const vm = new EdgeVM({ extend: (context) => Object.assign(context, { moduleBytes: bytes }) });
  vm.evaluate(code);
  const host = { emulator: emulator.facts, ...(await readVectors()) };
  assertPassed(JSON.parse(await vm.evaluate(`runSuite(${JSON.stringify(host)}).then(JSON.stringify)`)));
});
