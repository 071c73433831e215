// The page for everyone: both colour schemes, a phone's width, the keyboard alone, and what axe-core finds.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { violations, withAxe } from "../runners/axe.js";
import { picture, startDemo } from "../runners/inspector.js";

const demo = await startDemo();
after(async () => assert.equal(await demo.stop(), 0, "SIGINT ends the demo"));

const phone = { viewport: { width: 360, height: 740 }, reducedMotion: "reduce" };
const views = ["activity", "credentials", "faults", "mint"];

test("wif demo --keep leaves its story on the page", async () => {
  assert.equal(demo.steps.length, 8);
  const { page, problems, close } = await demo.open();
  const rows = page.locator("#events");
  for (const part of ["issued", "cached", "cache hit", "AADSTS700213", "refs/heads/experiment"]) {
    await rows.filter({ hasText: part }).waitFor();
  }
  await page.locator("#detail article[data-outcome=refused]").waitFor();
  assert.deepEqual(problems, []);
  await close();
});

for (const [colorScheme, size, context] of [
  ["light", "wide", {}],
  ["dark", "wide", {}],
  ["light", "phone", phone],
]) {
  test(`axe-core finds nothing: ${colorScheme}, ${size}`, async () => {
    const { page, problems, close } = await demo.open({ colorScheme, ...withAxe, ...context });
    for (const view of views) {
      await page.click(`nav a[href="#${view}"]`);
      await page.locator(`#${view}`).waitFor();
      await inspect(page, `${colorScheme}-${size}-${view}`);
    }
    await page.click('nav a[href="#mint"]');
    await page.getByRole("button", { name: "Only mint" }).click();
    await page.locator("#mint .token").waitFor();
    await inspect(page, `${colorScheme}-${size}-minted`);
    await page.click('nav a[href="#activity"]');
    for (const outcome of ["refused", "issued"]) {
      const label = outcome === "refused" ? "AADSTS700213" : "issued";
      const drawn = await nextDetail(page, outcome);
      await page.locator("#events .exchange", { hasText: label }).first().click();
      await drawn();
      await inspect(page, `${colorScheme}-${size}-${outcome}`);
      if (size === "phone") await page.getByRole("button", { name: "Back to the list" }).click();
    }
    assert.deepEqual(problems, []);
    await close();
  });
}

/** Marks the shown detail. The function that it returns waits until another one, of this outcome, has taken its place. */
async function nextDetail(page, outcome = "") {
  await page.evaluate(() => (document.querySelector("#detail article").dataset.former = "true"));
  const wanted = outcome && `[data-outcome=${outcome}]`;
  return () => page.locator(`#detail article${wanted}:not([data-former])`).waitFor();
}

/** Nothing is wider or higher than the window, and axe has nothing to say. */
async function inspect(page, name) {
  const { inner, whole } = await page.evaluate(() => {
    const { scrollWidth, scrollHeight } = document.documentElement;
    return { inner: [innerWidth, innerHeight], whole: [scrollWidth, scrollHeight] };
  });
  assert.deepEqual(whole, inner, `${name}: width and height of the page in its window`);
  await picture(page, name);
  assert.deepEqual(await violations(page), [], name);
  if (!name.startsWith("light-phone")) return;
  // The other scheme differs in its colours only.
  await page.emulateMedia({ colorScheme: "dark" });
  await picture(page, name.replace("light", "dark"));
  assert.deepEqual(await violations(page, { runOnly: ["color-contrast"] }), [], `${name} in the dark`);
  await page.emulateMedia({ colorScheme: "light" });
}

for (const [size, viewport] of [
  ["wide", { width: 1280, height: 600 }],
  ["phone", phone.viewport],
]) {
  test(`only the panes scroll: ${size}`, async () => {
    const { page, close } = await demo.open({ viewport });
    await page.locator("#events .exchange", { hasText: "AADSTS700213" }).first().click();
    await page.locator("#detail article[data-outcome=refused]").waitFor();
    const places = await page.evaluate(() => {
      const { scrollingElement: page } = document;
      const detail = document.getElementById("detail");
      for (const inside of detail.querySelectorAll("li, .hidden, code")) inside.scrollIntoView();
      page.scrollTo(0, page.scrollHeight);
      document.body.scrollTop = 1000;
      const bar = document.querySelector(".bar").getBoundingClientRect();
      return { page: page.scrollTop, body: document.body.scrollTop, bar: bar.top, moved: detail.scrollTop > 0 };
    });
    assert.deepEqual(places, { page: 0, body: 0, bar: 0, moved: true });
    await close();
  });
}

test("nothing is wider than the window at 400 % zoom", async () => {
  const { page, close } = await demo.open({ ...withAxe, viewport: { width: 320, height: 256 } });
  const fits = async (name) => {
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, name);
    assert.deepEqual(await violations(page), [], name);
  };
  for (const view of views) {
    await page.click(`nav a[href="#${view}"]`);
    await page.locator(`#${view}`).waitFor();
    await fits(view);
  }
  await page.click('nav a[href="#activity"]');
  await page.locator("#events .exchange", { hasText: "AADSTS700213" }).first().click();
  await page.locator("#detail article[data-outcome=refused]").waitFor();
  await fits("refused");
  // The whole page scrolls, so that what is shown does not share the window with the bar.
  const last = page.locator("#detail article > :last-child");
  await last.scrollIntoViewIfNeeded();
  assert.ok((await page.evaluate(() => document.scrollingElement.scrollTop)) > 0);
  await close();
});

test("the keyboard alone is enough", async () => {
  const { page, close } = await demo.open();
  await page.locator("#detail article[data-outcome=refused]").waitFor();
  const reach = async (name) => {
    for (let count = 0; count < 40; count += 1) {
      await page.keyboard.press("Tab");
      const found = await page.evaluate(() => {
        const { activeElement: active } = document;
        const { outlineStyle, outlineWidth } = getComputedStyle(active);
        const text = active.getAttribute("aria-label") ?? active.textContent;
        return { text, visible: outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2 };
      });
      assert.ok(found.visible, `the focus is seen on ${found.text}`);
      if (found.text.startsWith(name)) return;
    }
    assert.fail(`${name} is not reached`);
  };
  await reach("Events");
  const selected = page.locator("#events [aria-selected=true]");
  const before = await selected.getAttribute("id");
  const oldest = await nextDetail(page);
  await page.keyboard.press("End");
  await oldest();
  assert.notEqual(await selected.getAttribute("id"), before);
  const newest = await nextDetail(page, "refused");
  await page.keyboard.press("Home");
  await newest();
  await reach("Replay");
  const replayed = await nextDetail(page, "refused");
  await page.keyboard.press("Enter");
  await replayed();
  await page.locator("#events [role=option]").first().filter({ hasText: "AADSTS700213" }).waitFor();
  await reach("Change the credential and replay");
  await page.keyboard.press("Enter");
  await page.locator("#detail article[data-outcome=issued]").waitFor();
  await close();
});
