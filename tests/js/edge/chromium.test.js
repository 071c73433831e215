// Chromium: a module worker of a page, over the files as they are in the package.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { startEmulator } from "../runners/emulator.js";
import { install, readVectors } from "../runners/installed.js";
import { assertPassed } from "../runners/suite-result.js";

const installed = await install();
const emulator = await startEmulator();
const host = { emulator: emulator.facts, ...(await readVectors()) };
const root = installed.path("workload-identity-wasm");
const { exports } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));

const pages = {
  "/": `<!doctype html><title>suite</title><script type="module">
    new Worker("/worker.js", { type: "module" }).onerror = (event) =>
      fetch("/result", { method: "POST", body: JSON.stringify({ ran: 0, failures: [event.message] }) });
  </script>`,
  "/worker.js": `
    import * as exports from "/package/${exports["."].browser}";
    import * as pure from "/package/${exports["./pure"].browser}";
    import { nativeModule } from "/package/dist/platform.js";
    import { run } from "/suite/index.js";
    const host = await (await fetch("/host.json")).json();
    const suiteResult = await run({
      ...host,
      package: exports,
      native: await nativeModule(),
      pure,
    });
    await fetch("/result", { method: "POST", body: JSON.stringify(suiteResult) });`,
  "/host.json": JSON.stringify(host),
};
const types = { js: "text/javascript", json: "application/json", wasm: "application/wasm" };
const folders = { package: root, suite: join(import.meta.dirname, "../suite") };

let finish;
const result = new Promise((resolve) => (finish = resolve));
const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://host");
  if (pathname === "/result") {
    finish(JSON.parse(Buffer.concat(await request.toArray()).toString()));
    return response.end();
  }
  const [, folder, ...rest] = pathname.split("/");
  const type = types[pathname.split(".").at(-1)] ?? "text/html";
  try {
    const body = pages[pathname] ?? (await readFile(join(folders[folder], ...rest)));
    response.writeHead(200, { "content-type": type }).end(body);
  } catch {
    response.writeHead(404).end();
  }
}).listen(0, "127.0.0.1");
await once(server, "listening");

const profile = await mkdtemp(join(tmpdir(), "chromium-"));
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  // The emulator, like Entra, does not allow cross-origin calls; a page would go through a proxy of its own.
  "--disable-web-security",
  `--user-data-dir=${profile}`,
];
const url = `http://127.0.0.1:${server.address().port}/`;
const child = spawn(process.env.CHROMIUM ?? "chromium", [...flags, url], { stdio: "ignore" });
after(async () => {
  child.kill();
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  server.close();
  server.closeAllConnections();
  emulator.stop();
  await installed.remove();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

test("Chromium", async () => {
  const gone = once(child, "exit").then(([status]) => {
    throw new Error(`chromium ended with ${status}`);
  });
  gone.catch(() => undefined);
  assertPassed(await Promise.race([result, gone]));
});
