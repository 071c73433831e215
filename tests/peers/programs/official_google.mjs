// Gets an identity token with google-auth-library. Input, output and environment as in official_google.py.

import { text } from "node:stream/consumers";
import { Compute, Impersonated } from "google-auth-library";

const job = JSON.parse(await text(process.stdin));
const client =
  job.case === "metadata"
    ? new Compute()
    : new Impersonated({ sourceClient: new Compute(), targetPrincipal: job.service_account });
const token = await client.fetchIdToken(job.audience, { includeEmail: true });
console.log(JSON.stringify({ token }));
