// Asks the worker, with tokens that the emulator issues as the page "Test your application" shows.
import assert from "node:assert/strict";

const { API, EMULATOR } = process.env;

async function token(wanted) {
  const body = JSON.stringify({ audience: "api://orders", ...wanted });
  const answer = await fetch(`${EMULATOR}/emulator/access-token`, { method: "POST", body });
  return (await answer.json()).access_token;
}

async function ask(path, bearer) {
  const answer = await fetch(`${API}${path}`, { headers: bearer ? { authorization: `Bearer ${bearer}` } : {} });
  return [answer.status, answer.headers.get("www-authenticate"), await answer.json()];
}

const [status, , orders] = await ask("/orders", await token({ roles: ["Orders.Read"] }));
assert.deepEqual([status, orders], [200, ["first", "second"]]);
assert.deepEqual((await ask("/me")).slice(0, 2), [401, "Bearer"]);
const [refused, challenge] = await ask("/me", await token({ claims: { exp: 1 } }));
assert.equal(refused, 401);
assert.match(challenge, /^Bearer error="invalid_token"/);
const denied = await ask("/orders", await token({ roles: ["Orders.Read.All"] }));
assert.deepEqual(denied.slice(0, 2), [403, 'Bearer error="insufficient_scope", scope="Orders.Read"']);
