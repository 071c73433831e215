// The examples of Express, Fastify and Hono, as a user would start them.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { install } from "../runners/installed.js";
import { startIssuer, talkTo } from "../runners/issuer.js";

const installed = await install();
const issuer = await startIssuer();
after(async () => {
  issuer.stop();
  await installed.remove();
});
const modules = join(import.meta.dirname, "../node_modules");
for (const name of ["express", "fastify", "hono", "@hono"]) await symlink(join(modules, name), installed.path(name));

for (const name of ["express", "fastify", "hono"]) {
  test(`the example ${name}`, async () => {
    const script = join(installed.folder, `${name}.mjs`);
    await copyFile(join(import.meta.dirname, "../../../examples", name, "app.js"), script);
    const own = { OIDC_ISSUER: issuer.issuer, AUDIENCE: issuer.audience, PORT: "0", ALLOW_LOOPBACK_HTTP: "1" };
    const child = spawn(process.execPath, [script], {
      env: { ...process.env, ...own },
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [base] = await once(createInterface({ input: child.stdout }), "line");
      await talkTo(base, issuer, assert);
    } finally {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    }
  });
}
