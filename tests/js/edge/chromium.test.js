// Chromium: a module worker of a page, over the files as they are in the package.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, test } from "node:test";
import { startChromium } from "../runners/chromium.js";
import { startEmulator } from "../runners/emulator.js";
import { install, readVectors } from "../runners/installed.js";
import { assertPassed } from "../runners/suite-result.js";

const installed = await install();
const emulator = await startEmulator();
// The control paths are for programs and for the emulator's own page, so this server passes them on.
const control = { control_url: "", token_requests_url: "/emulator/token-requests" };
const host = { emulator: { ...emulator.facts, ...control }, ...(await readVectors()) };
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
    import * as management from "/package/${exports["./management"].browser}";
    import { nativeModule } from "/package/dist/platform.js";
    import { run } from "/suite/index.js";
    const host = await (await fetch("/host.json")).json();
    const suiteResult = await run({
      ...host,
      package: exports,
      native: await nativeModule(),
      pure,
      management,
      isPage: true,
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
  if (pathname.startsWith("/emulator/")) {
    const { method } = request;
    const body = method === "POST" ? Buffer.concat(await request.toArray()) : undefined;
    const answer = await fetch(`${emulator.facts.base_url}${pathname}`, { method, body });
    return response.writeHead(answer.status).end(await answer.text());
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

const chromium = await startChromium(`http://127.0.0.1:${server.address().port}/`);
after(async () => {
  await chromium.stop();
  server.close();
  server.closeAllConnections();
  await emulator.stop();
  await installed.remove();
});

test("Chromium", async () => assertPassed(await chromium.unlessGone(result)));
