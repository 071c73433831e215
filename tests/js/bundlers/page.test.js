// Bundles for web pages, each in a frame of one page of Chromium.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { startChromium } from "../runners/chromium.js";
import { install } from "../runners/installed.js";
import { bundle, pages } from "./builds.js";

const installed = await install();
const folder = await mkdtemp(join(tmpdir(), "workload-identity-pages-"));

const program = `
  import { WorkloadIdentity, callback } from "workload-identity-wasm";

  const results = new URLSearchParams(location.search).get("results");
  const identity = new WorkloadIdentity({
    tenantId: "contoso.com",
    clientId: "3b1d7a52-c94e-4f08-8e67-90af5d2c6b14",
    source: callback(() => ["eyJhbGciOiJSUzI1NiJ9", "eyJpc3MiOiJpIn0", "c2ln"].join(".")),
    fetch: async () => Response.json({ token_type: "Bearer", expires_in: 3599, access_token: "token-1" }),
  });
  identity.getToken("https://vault.azure.net/.default").then(
    ({ token }) => fetch(results, { method: "POST", body: token }),
    (error) => fetch(results, { method: "POST", body: error.code + ": " + error.message }),
  );`;

const entry = join(installed.folder, "page.mjs");
await writeFile(entry, program);
const outs = {};
for (const [file, build] of Object.entries(pages)) outs[file] = await bundle(build, entry, file, folder);
const waiting = new Map();
const asked = [];
const types = { js: "text/javascript", wasm: "application/wasm" };
const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://host");
  const [, kind, file, ...rest] = pathname.split("/");
  if (kind === "results") {
    waiting.get(file)(Buffer.concat(await request.toArray()).toString());
    return response.end();
  }
  const html = (text, headers) => response.writeHead(200, { "content-type": "text/html", ...headers }).end(text);
  if (pathname === "/") return html(frames());
  if (!file) return response.writeHead(404).end();
  const policy = kind === "strict" ? { "content-security-policy": "script-src 'self'" } : {};
  if (rest.length === 0) {
    const script = file.endsWith("iife.js") ? "<script defer" : '<script type="module"';
    return html(`<!doctype html>${script} src="./${file}/${file}"></script>`, policy);
  }
  asked.push([file, rest.at(-1)]);
  try {
    const body = await readFile(join(dirname(outs[file]), ...rest));
    response.writeHead(200, { "content-type": types[rest.at(-1).split(".").at(-1)] }).end(body);
  } catch {
    response.writeHead(404).end();
  }
}).listen(0, "127.0.0.1");
await once(server, "listening");

const files = Object.keys(outs);
const results = [...files, "strict"].map((file) => [file, new Promise((resolve) => waiting.set(file, resolve))]);
const frames = () =>
  [...files.map((file) => [file, `/bundle/${file}`]), ["strict", `/strict/${files[0]}`]]
    .map(([name, path]) => `<iframe src="${path}?results=/results/${name}"></iframe>`)
    .join("");

const chromium = await startChromium(`http://127.0.0.1:${server.address().port}/`);
after(async () => {
  await chromium.stop();
  server.close();
  server.closeAllConnections();
  await installed.remove();
  await rm(folder, { recursive: true, force: true });
});

for (const [file, result] of results.slice(0, -1)) {
  test(`${file} runs in a page`, async () => assert.equal(await chromium.unlessGone(result), "token-1"));
}

test("vite and webpack add the file of the WebAssembly module", async () => {
  await chromium.unlessGone(Promise.all(results.map(([, result]) => result)));
  for (const file of ["vite.js", "webpack.js"]) {
    const scripts = asked.filter(([of, name]) => of === file && name.endsWith(".js"));
    assert.deepEqual(scripts, [[file, file]]);
    assert.ok(asked.some(([of, name]) => of === file && name.endsWith(".wasm")));
  }
});

test("a page whose policy forbids WebAssembly is told the option", async () => {
  const said = await chromium.unlessGone(results.at(-1)[1]);
  assert.match(said, /^module_unavailable: .*'wasm-unsafe-eval' in its Content-Security-Policy/);
});
