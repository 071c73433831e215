// An emulator with its inspector in Chromium, and the requests that a client sends meanwhile.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { startBrowser } from "./browser.js";
import { startEmulator, wif } from "./emulator.js";

const pictures = join(import.meta.dirname, "../../../target/xtask/inspector");

/** Starts both. `open` opens the page in a context of its own. */
export async function startInspector(...options) {
  const emulator = await startEmulator(...options);
  const browser = await startBrowser();
  const { facts } = emulator;
  return {
    facts,
    emulator,
    open: (context) => openInspector(browser, facts.inspector_url, context),
    /** A token of GitHub's endpoint; the query chooses its job. */
    async githubToken(query = "") {
      const url = `${facts.github_request_url}&audience=${encodeURIComponent(facts.audience)}${query}`;
      const response = await fetch(url, { headers: { authorization: `Bearer ${facts.github_request_token}` } });
      return (await response.json()).value;
    },
    /** A token with chosen claims. */
    async mint(claims) {
      const body = JSON.stringify({ platform: "github", claims });
      const response = await fetch(`${facts.base_url}/emulator/workload-token`, { method: "POST", body });
      return (await response.json()).token;
    },
    /** Exchanges a token as a client does; the status of the answer, or undefined after a reset. */
    async exchange(assertion, clientId = facts.client_id) {
      try {
        const body = form(facts, assertion, clientId);
        const response = await fetch(`${facts.authority}/oauth2/v2.0/token`, { method: "POST", body });
        await response.arrayBuffer();
        return response.status;
      } catch {
        return undefined;
      }
    },
    /** Exchanges a token many times, on one connection. */
    flood: (assertion, count) => flood(facts, assertion, count),
    control: (method, path, body) => fetch(`${facts.base_url}/emulator/${path}`, { method, body }),
    async stop() {
      await browser.stop();
      await emulator.stop();
    },
  };
}

/** The inspector on the story of `wif demo --keep`. */
export async function startDemo() {
  const child = spawn(wif, ["demo", "--keep", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const steps = [];
  const told = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      const step = JSON.parse(line);
      steps.push(step);
      if (step.step === "inspector") return step.facts.url;
    }
    throw new Error("the demo ended without the address of the inspector");
  })();
  const url = await told;
  const browser = await startBrowser();
  return {
    url,
    steps,
    open: (context) => openInspector(browser, url, context),
    async stop() {
      await browser.stop();
      child.kill("SIGINT");
      const [status] = await once(child, "exit");
      return status;
    },
  };
}

async function flood(facts, assertion, count) {
  const { host, hostname, port } = new URL(facts.base_url);
  const body = String(form(facts, assertion));
  const request = [
    `POST /${facts.tenant_id}/oauth2/v2.0/token HTTP/1.1`,
    `Host: ${host}`,
    "Content-Type: application/x-www-form-urlencoded",
    `Content-Length: ${body.length}`,
    "",
    body,
  ].join("\r\n");
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  const start = "HTTP/1.1 ";
  let answered = 0;
  let tail = "";
  let sent = 0;
  const send = () => {
    // A few on their way, as of clients that wait for their answers.
    while (sent < count && sent - answered < 16) {
      socket.write(request);
      sent += 1;
    }
  };
  send();
  for await (const data of socket) {
    const text = tail + data.toString("latin1");
    answered += text.split(start).length - 1;
    // A part of the stream may end within the start of an answer.
    tail = text.slice(1 - start.length);
    if (answered >= count) break;
    send();
  }
}

function form(facts, assertion, clientId = facts.client_id) {
  return new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
    scope: "https://vault.azure.net/.default",
  });
}

async function openInspector(browser, url, context) {
  const opened = await browser.page(url, context);
  await opened.page.waitForSelector("html[data-ready]");
  await opened.page.waitForSelector("#live[data-state=open]");
  return opened;
}

/** Waits until the page shows what has happened so far: the last event in the list, and the newest exchange if it follows them. */
export async function caughtUp(inspector, page) {
  const message = `event ${crypto.randomUUID()}`;
  await inspector.control("POST", "client-events", JSON.stringify({ event: "cache_miss", client: "test", message }));
  await page.locator("#events [role=option]").first().filter({ hasText: message }).waitFor();
  await page.waitForFunction(() => {
    const [newest, shown] = ["#events .exchange", "#detail article"].map((selector) => document.querySelector(selector));
    const follows = document.getElementById("follow").getAttribute("aria-pressed") === "true";
    return !newest || !follows || newest.dataset.id === shown?.dataset.id;
  });
}

/** Takes a picture of the page, to be looked at. */
export async function picture(page, name) {
  await mkdir(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}
