// Chromium with one page, for the time of a test file.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

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
];

/** Opens the page. */
export async function startChromium(url) {
  const profile = await mkdtemp(join(tmpdir(), "chromium-"));
  const program = process.env.CHROMIUM ?? "chromium";
  const child = spawn(program, [...flags, `--user-data-dir=${profile}`, url], { stdio: "ignore" });
  const gone = once(child, "exit").then(([status]) => {
    throw new Error(`chromium ended with ${status}`);
  });
  gone.catch(() => undefined);
  return {
    /** The result, or a failure if the browser ends before. */
    unlessGone: (result) => Promise.race([result, gone]),
    async stop() {
      child.kill();
      await gone.catch(() => undefined);
      // Processes of the browser that end after it may write there.
      await rm(profile, { recursive: true, force: true, maxRetries: 20 });
    },
  };
}
