// axe-core on a page of Chromium.
import { createRequire } from "node:module";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** The context of pages that axe examines: their policy allows no other script. */
export const withAxe = { bypassCSP: true };

/** What axe finds, as texts. */
export async function violations(page, options = {}) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.addScriptTag({ path: axe });
  const { violations } = await page.evaluate((options) => globalThis.axe.run(options), options);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}
