// Verifies tokens with our Node.js package until standard input ends. A job can advance its clock.
// Lines in and out as in verifier_python.py.

import { createInterface } from "node:readline";
import { TokenVerifier, WorkloadIdentityError } from "workload-identity";

let ahead = 0;
const real = Date.now;
Date.now = () => real() + ahead * 1000;

let verifier;
for await (const line of createInterface({ input: process.stdin })) {
  const job = JSON.parse(line);
  if (!verifier) {
    const { issuer, audience } = job;
    verifier = TokenVerifier.oidc({ issuer, audience, allowLoopbackHttp: true });
    continue;
  }
  let answer = {};
  if (job.advance) ahead += job.advance;
  else answer = await verify(job.verify);
  console.log(JSON.stringify(answer));
}

async function verify(token) {
  try {
    return { key_id: (await verifier.verify(token)).keyId };
  } catch (error) {
    if (!(error instanceof WorkloadIdentityError)) throw error;
    return { error: error.code };
  }
}
