// The programs of docs/protect-an-api.md answer as its table says.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, test } from "node:test";
import { install } from "../runners/installed.js";

const installed = await install();
after(() => installed.remove());
const modules = join(import.meta.dirname, "../node_modules");
for (const name of ["express", "fastify", "hono", "@hono"]) await symlink(join(modules, name), installed.path(name));
const require = createRequire(join(installed.folder, "program.js"));
const { TestIssuer } = await import(pathToFileURL(require.resolve("workload-identity/testing")).href);
const page = await readFile(join(import.meta.dirname, "../../../docs/protect-an-api.md"), "utf8");

const issuer = TestIssuer.entra({ audience: "api://orders" });
// The first verifier has the issuer's keys, the second one asks a port where nothing listens.
const keySources = [`keys: ${JSON.stringify(await issuer.jwks())}`, 'jwksUri: "http://127.0.0.1:9/", allowLoopbackHttp: true'];

/** Serves the program, with further options of its verifier, and returns its address. */
const servers = {
  async Express({ app }) {
    const server = app.listen(0, "127.0.0.1");
    await once(server, "listening");
    return [`http://127.0.0.1:${server.address().port}`, () => server.close()];
  },
  async Fastify({ app }) {
    return [await app.listen({ port: 0, host: "127.0.0.1" }), () => app.close()];
  },
  async Hono({ app }) {
    const { getRequestListener } = await import(pathToFileURL(require.resolve("@hono/node-server")).href);
    const server = createServer(getRequestListener(app.fetch)).listen(0, "127.0.0.1");
    await once(server, "listening");
    return [`http://127.0.0.1:${server.address().port}`, () => server.close()];
  },
};

for (const [framework, serve] of Object.entries(servers)) {
  const start = async (keySource, name) => {
    const [, code] = new RegExp(`^## ${framework}\\n+\`\`\`js\\n(.*?)^\`\`\`$`, "ms").exec(page);
    const entra = "TokenVerifier.entra({ ";
    assert.ok(code.includes(entra));
    const file = join(installed.folder, `${framework}-${name}.mjs`);
    await writeFile(file, `${code.replace(entra, `${entra}${keySource}, `)}\nexport { app };\n`);
    const [base, stop] = await serve(await import(pathToFileURL(file).href));
    const ask = async (method, token) => {
      const headers = { connection: "close", ...(token && { authorization: `Bearer ${token}` }) };
      const answer = await fetch(`${base}/orders`, { method, headers });
      await answer.text();
      return [answer.status, answer.headers.get("www-authenticate")];
    };
    return { ask, stop };
  };

  test(`${framework}: 200, 401 and 403`, async () => {
    const { ask, stop } = await start(keySources[0], "keys");
    try {
      const reader = await issuer.token({ roles: ["Orders.Read"] });
      assert.deepEqual(await ask("GET"), [401, "Bearer"]);
      assert.equal((await ask("GET", reader))[0], 200);
      assert.equal((await ask("POST", await issuer.token({ roles: ["Orders.Write"] })))[0], 200);
      assert.deepEqual(await ask("POST", reader), [403, 'Bearer error="insufficient_scope"']);
      for (const token of ["nonsense", await issuer.expiredToken(), await issuer.forgedToken()]) {
        const [status, challenge] = await ask("GET", token);
        assert.equal(status, 401);
        assert.match(challenge, /^Bearer error="invalid_token"/);
      }
      for (const roles of [undefined, "Not.Orders.Read", ["Orders.Read.All"], 5]) {
        const [status, challenge] = await ask("GET", await issuer.token({ roles }));
        assert.equal(status, 403);
        assert.match(challenge, /^Bearer error="insufficient_scope"/);
      }
    } finally {
      await stop();
    }
  });

  test(`${framework}: 503 without keys`, async () => {
    const { ask, stop } = await start(keySources[1], "unreachable");
    try {
      assert.deepEqual(await ask("GET", await issuer.token({ roles: ["Orders.Read"] })), [503, null]);
    } finally {
      await stop();
    }
  });
}
