// Gets an identity token with @actions/core or @vercel/oidc. Input and output as in official_ci.py, with the member
// `client`.

import { text } from "node:stream/consumers";
import { getIDToken } from "@actions/core";
import { getVercelOidcToken } from "@vercel/oidc";

const clients = {
  "@actions/core": (job) => getIDToken(job.audience),
  "@vercel/oidc": () => getVercelOidcToken(),
};

const job = JSON.parse(await text(process.stdin));
Object.assign(process.env, job.environment);
// @actions/core writes commands for the runner to standard output.
const write = process.stdout.write;
process.stdout.write = process.stderr.write.bind(process.stderr);
let outcome;
try {
  outcome = { token: await clients[job.client](job) };
} catch (error) {
  outcome = { error: String(error.message) };
}
process.stdout.write = write;
console.log(JSON.stringify(outcome));
