// Chromium with pages that a test drives.
import { chromium } from "playwright-core";

/** For the start, and for whatever a page must show: a machine that is busy with other work draws late. */
const timeout = 60_000;

/** Starts it; `page` opens a page and collects what goes wrong on it. */
export async function startBrowser() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
    timeout,
  });
  return {
    async page(url, options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
      context.setDefaultTimeout(timeout);
      const page = await context.newPage();
      const problems = [];
      page.on("pageerror", (error) => problems.push(String(error)));
      page.on("console", (message) => {
        // A refusal is an answer; the page shows it.
        const isRefusal = message.text().startsWith("Failed to load resource");
        if (message.type() === "error" && !isRefusal) problems.push(message.text());
      });
      await page.goto(url);
      return { page, problems, close: () => context.close() };
    },
    stop: () => browser.close(),
  };
}
