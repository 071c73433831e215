// States that a user meets beside the usual ones: nothing there, mistakes, another emulator, two pages at once.
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { violations, withAxe } from "../runners/axe.js";
import { picture, startInspector } from "../runners/inspector.js";
import { startEmulator } from "../runners/emulator.js";

const inspector = await startInspector();
const { page, problems } = await inspector.open(withAxe);
after(async () => {
  await inspector.stop();
  assert.deepEqual(problems, [], "the page reports no error");
});

const rows = page.locator("#events [role=option]");
const detail = page.locator("#detail");
const view = (name) => page.click(`nav a[href="#${name}"]`);
const refusedToken = () => inspector.githubToken("&ref=refs/heads/Main");

beforeEach(async () => {
  await inspector.control("DELETE", "faults");
  await inspector.control("DELETE", "events");
  await view("activity");
  await rows.first().waitFor({ state: "detached" });
  if ((await page.getAttribute("#follow", "aria-pressed")) === "false") await page.click("#follow");
});

async function looksRight(name) {
  await picture(page, name);
  assert.deepEqual(await violations(page), [], name);
}

test("an empty page and a filter without a match say so", async () => {
  await page.getByText("Nothing has happened yet.").waitFor();
  await looksRight("state-empty");
  await inspector.exchange(await refusedToken());
  await rows.filter({ hasText: "AADSTS7002138" }).waitFor();
  await page.getByLabel("Filter").fill("no such text");
  await page.getByText("No event matches the filter.").waitFor();
  assert.equal(await page.locator("#events").isVisible(), false);
  await looksRight("state-no-match");
  await page.getByLabel("Filter").fill("aadsts7002138");
  await rows.filter({ hasText: "AADSTS7002138" }).waitFor();
  await page.getByLabel("Filter").fill("");
});

test("mistakes in forms are told in place", async () => {
  await view("credentials");
  const credential = page.locator("#credentials form");
  await credential.getByLabel("Issuer").fill("https://issuer.example");
  await credential.getByLabel("Subject").fill("x".repeat(601));
  await credential.getByRole("button", { name: "Add" }).click();
  await credential.locator(".problem", { hasText: "600" }).waitFor();
  await looksRight("state-credential-problem");
  await view("faults");
  const fault = page.locator("#faults form");
  await fault.getByLabel("What goes wrong").selectOption("latency=MS");
  await fault.getByLabel("Value").fill("soon\u202e<b>");
  await fault.getByRole("button", { name: "Add", exact: true }).click();
  await fault.locator(".problem", { hasText: "takes a number" }).waitFor();
  assert.match(await fault.locator(".problem").textContent(), /soon\\u\{202e\}<b>/);
  await looksRight("state-fault-problem");
  await fault.getByLabel("Value").fill("");
  await view("mint");
  await page.locator("#mint form").getByLabel("Claims").fill('{"a":1,"a":2}');
  await page.getByRole("button", { name: "Only mint" }).click();
  await page.locator("#mint .problem", { hasText: "names the same member twice" }).waitFor();
  await looksRight("state-mint-problem");
  await page.locator("#mint form").getByLabel("Platform").selectOption("gitlab");
});

test("only faults with an effect are offered", async () => {
  await view("faults");
  const form = page.locator("#faults form");
  const offered = async () => form.getByLabel("What goes wrong").locator("option").allInnerTexts();
  assert.ok((await offered()).includes("token_type[=TYPE]"));
  await form.getByLabel("Where").selectOption("graph");
  const graph = await offered();
  assert.ok(graph.includes("page=N") && !graph.includes("token_type[=TYPE]"), graph.join());
  await form.getByLabel("Where").selectOption("token");
  assert.ok(!(await offered()).includes("page=N"));
  const refused = await inspector.control("POST", "faults", "graph:token_type");
  assert.equal(refused.status, 400);
  assert.match((await refused.json()).error, /`token_type` has no effect on `graph`, only on token; faults of `graph`: latency/);
});

test("large numbers in claims stay what they are", async () => {
  await view("mint");
  const claims = { iss: inspector.facts.issuer, sub: "s", aud: "a" };
  const text = JSON.stringify(claims).replace("}", ',"id":9007199254740993,"":""}');
  await page.locator("#mint form").getByLabel("Claims").fill(text);
  const answered = page.waitForResponse((response) => response.url().endsWith("/emulator/workload-token"));
  await page.getByRole("button", { name: "Only mint" }).click();
  assert.match(await (await answered).text(), /9007199254740993/);
  await page.locator("#mint .token th", { hasText: "empty" }).waitFor();
  await looksRight("state-empty-claim");
});

test("the advised repair comes first, for the identity that needs it", async () => {
  await inspector.exchange(await inspector.githubToken("&ref=refs/heads/experiment"));
  await page.locator("#detail article[data-outcome=refused]").waitFor();
  const buttons = page.locator(".repair .actions button");
  assert.deepEqual(await buttons.allInnerTexts(), ["Add a credential and replay", "Change the credential and replay"]);
  assert.equal(await page.locator(".repair .primary").innerText(), "Add a credential and replay");
  assert.match(await page.locator(".difference").innerText(), /the nearest of 2 credentials/);
  await inspector.exchange(await refusedToken());
  await page.locator(".repair .primary", { hasText: "Change the credential and replay" }).waitFor();
  // The managed identity, with a credential that has the same issuer and subject.
  const { managed_identity_client_id: client, issuer } = inspector.facts;
  const subject = "repo:octo-org/octo-repo:ref:refs/heads/main";
  const form = new URLSearchParams({ client_id: client, issuer, subject, audience: "api://other" });
  assert.equal((await inspector.control("POST", "credentials", form)).status, 200);
  assert.equal(await inspector.exchange(await inspector.githubToken(), client), 401);
  await page.locator(".difference", { hasText: "the only credential of this identity" }).waitFor();
  assert.deepEqual(await buttons.allInnerTexts(), ["Change the credential and replay"]);
  const commands = await page.locator(".command pre").allInnerTexts();
  assert.match(commands[0], /^az identity federated-credential update --subscription=\S+ --resource-group=shop --identity-name=orders /);
  assert.match(commands[1], /^wif fic update --managed-identity=/);
  await looksRight("state-managed-identity");
  await buttons.click();
  await page.locator("#detail article[data-outcome=issued]").waitFor();
  await inspector.control("DELETE", "credentials", new URLSearchParams({ client_id: client, issuer, subject }));
});

test("the focus stays where the user works", async () => {
  await inspector.exchange(await inspector.githubToken());
  await page.locator("#detail article[data-outcome=issued]").waitFor();
  const focused = () => page.evaluate(() => document.activeElement.id);
  const before = Number(await page.locator("#detail article").getAttribute("data-id"));
  await page.locator("#replay").focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction((id) => Number(document.querySelector("#detail article").dataset.id) > id, before);
  assert.equal(await focused(), "detail");
  await page.keyboard.press("Escape");
  assert.equal(await focused(), "events");
  await view("mint");
  await page.locator("#mint form").getByLabel("Platform").selectOption("github");
  await page.getByRole("button", { name: "Mint and exchange" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.id === "detail");
  await inspector.control("POST", "faults", "api:503");
  await view("faults");
  await page.getByRole("button", { name: "Remove the fault api:status=503" }).focus();
  await page.keyboard.press("Enter");
  await page.locator(".fault").waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement.name), "target");
});

test("many rows, and an event that is no longer kept", async () => {
  const token = await refusedToken();
  await inspector.exchange(token);
  await rows.first().click();
  await page.locator("#detail article[data-outcome=refused]").waitFor();
  await inspector.flood(token, 510);
  // The selected row leaves the list; nothing refers to it.
  await page.waitForFunction(() => !document.querySelector("#events [aria-selected=true]"));
  assert.equal(await page.getAttribute("#events", "aria-activedescendant"), null);
  await page.waitForFunction(() => document.querySelectorAll("#events [role=option]").length === 500);
  await looksRight("state-many");
  // The emulator's bound of bytes is reached before its number of events.
  const large = await inspector.mint({ iss: inspector.facts.issuer, sub: "large", pad: "x".repeat(22_000) });
  await inspector.exchange(large);
  const oldest = await rows.first().getAttribute("id");
  await inspector.flood(large, 300);
  await page.locator(`#${oldest}`).evaluate((row) => row.click());
  await detail.getByText("The emulator keeps no more of this event than its row.").waitFor();
  await picture(page, "state-gone");
});

test("two pages show the same, also after one has cleared", async () => {
  const second = await inspector.open();
  await inspector.exchange(await refusedToken());
  const others = second.page.locator("#events [role=option]");
  await others.filter({ hasText: "AADSTS7002138" }).waitFor();
  await second.page.click('nav a[href="#faults"]');
  await inspector.control("POST", "faults", "latency=1");
  await second.page.locator(".fault", { hasText: "latency=1" }).waitFor();
  await page.click("#clear");
  await second.page.click('nav a[href="#activity"]');
  await second.page.getByText("Nothing has happened yet.").waitFor();
  await inspector.exchange(await refusedToken());
  await others.filter({ hasText: "AADSTS7002138" }).waitFor();
  await second.page.waitForFunction(() => document.querySelectorAll("#events [role=option]").length === 2);
  assert.deepEqual(second.problems, []);
  await second.close();
});

test("a page in the background leaves its connection to others", async () => {
  const second = await inspector.open();
  const setHidden = (hidden) =>
    second.page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  const others = second.page.locator("#events .exchange");
  await inspector.exchange(await refusedToken());
  await others.first().waitFor();
  await setHidden(true);
  await inspector.exchange(await inspector.githubToken());
  await setHidden(false);
  await others.filter({ hasText: "issued" }).waitFor();
  assert.equal(await others.count(), 2);
  assert.equal(await second.page.locator("#gap").isVisible(), false);
  // More than the emulator keeps.
  await setHidden(true);
  await inspector.flood("no.t.oken", 510);
  await setHidden(false);
  await second.page.locator("#gap", { hasText: /^\d+ events are missing/ }).waitFor();
  await second.close();
});

test("a reload finds what the page left", async () => {
  await inspector.exchange(await refusedToken());
  for (let count = 0; count < 5; count += 1) await page.reload();
  await page.waitForSelector("#live[data-state=open]");
  await rows.filter({ hasText: "AADSTS7002138" }).waitFor();
});

test("another emulator at the same address starts a new story", async () => {
  const port = new URL(inspector.facts.base_url).port;
  await inspector.exchange(await refusedToken());
  await rows.filter({ hasText: "AADSTS7002138" }).waitFor();
  await inspector.emulator.end();
  await page.locator("#live", { hasText: "not connected" }).waitFor();
  await page.click("#clear");
  await page.locator("#toast", { hasText: "The emulator does not answer" }).waitFor();
  const next = await startEmulator("--port", port, "--fault", "api:503");
  try {
    await page.waitForSelector("#live[data-state=open]");
    await page.getByText("Nothing has happened yet.").waitFor();
    await page.locator("#fault-count", { hasText: "1" }).waitFor();
    await (await fetch(`${next.facts.base_url}/api/resource`)).text();
    await rows.filter({ hasText: "api 503" }).waitFor();
    assert.equal(await rows.count(), 1);
  } finally {
    next.stop();
  }
});
