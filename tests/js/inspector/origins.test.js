// Other pages cannot read or change the emulator.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { after, test } from "node:test";
import { startInspector } from "../runners/inspector.js";

const inspector = await startInspector();
const other = createServer((_, response) => {
  response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>other</title>");
}).listen(0, "127.0.0.1");
await once(other, "listening");
after(async () => {
  await inspector.stop();
  other.close();
  other.closeAllConnections();
});

test("a page of another origin reaches nothing", async () => {
  const { page } = await inspector.open();
  const base = inspector.facts.base_url;
  const before = await (await inspector.control("GET", "credentials")).text();
  for (const url of [`http://127.0.0.1:${other.address().port}/`, `http://localhost:${other.address().port}/`]) {
    await page.goto(url);
    const outcomes = await page.evaluate(async (base) => {
      const tried = async (method, path, body) => {
        try {
          await (await fetch(`${base}${path}`, { method, body })).text();
          return "read";
        } catch {
          return "refused";
        }
      };
      const form = new URLSearchParams({ issuer: "https://evil.example", subject: "s" });
      const reads = ["/", "/emulator/facts", "/emulator/events/1", "/emulator/credentials", "/inspector/style.css"];
      const found = await Promise.all(reads.map((path) => tried("GET", path)));
      found.push(await tried("POST", "/emulator/credentials", form), await tried("POST", "/emulator/faults", "503"));
      await fetch(`${base}/emulator/faults`, { method: "POST", body: "503", mode: "no-cors" }).catch(() => undefined);
      await fetch(`${base}/emulator/credentials`, { method: "POST", body: form, mode: "no-cors" }).catch(() => undefined);
      found.push(
        await new Promise((resolve) => {
          const source = new EventSource(`${base}/emulator/events`);
          source.onopen = () => resolve("read");
          source.onerror = () => resolve("refused");
        }),
      );
      found.push(
        await new Promise((resolve) => {
          const script = document.createElement("script");
          script.src = `${base}/inspector/inspector.js`;
          script.onload = () => resolve("read");
          script.onerror = () => resolve("refused");
          document.head.append(script);
        }),
      );
      return found;
    }, base);
    assert.deepEqual([...new Set(outcomes)], ["refused"], `${url}: ${outcomes}`);
  }
  assert.equal(await (await inspector.control("GET", "credentials")).text(), before);
  assert.deepEqual((await (await inspector.control("GET", "faults")).json()).faults, []);
});

test("another page cannot show it in a frame", async () => {
  const { page } = await inspector.open();
  await page.goto(`http://127.0.0.1:${other.address().port}/`);
  // A browser also reports the page of an error as loaded.
  await page.evaluate(async (url) => {
    const frame = document.createElement("iframe");
    frame.src = url;
    const loaded = new Promise((resolve) => (frame.onload = resolve));
    document.body.append(frame);
    await loaded;
  }, inspector.facts.inspector_url);
  const texts = await Promise.all(page.frames().map((frame) => frame.content()));
  assert.ok(!texts.some((text) => text.includes("inspector.js")));
});

test("a name that leads to loopback is refused", async () => {
  const { port } = new URL(inspector.facts.base_url);
  const status = (host, path) =>
    new Promise((resolve, reject) => {
      request({ host: "127.0.0.1", port, path, headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
  for (const path of ["/", "/emulator/facts", "/emulator/events"]) {
    assert.equal(await status(`rebound.example:${port}`, path), 403, path);
    assert.equal(await status("127.0.0.1:1", path), 403, path);
  }
  assert.equal(await status(`localhost:${port}`, "/"), 200);
});
