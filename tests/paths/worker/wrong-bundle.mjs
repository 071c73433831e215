// Asks a worker whose bundle is for pages: the answer names the error, and the page "Errors" the cause.
import assert from "node:assert/strict";

const answer = await fetch(`${process.env.API}/me`, { headers: { authorization: "Bearer a.b.c" } });
assert.deepEqual([answer.status, await answer.json()], [500, { detail: "module_unavailable" }]);
