// Verifies tokens with our Node.js package for as long as it is asked, on a clock that can be put forward.
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
  else answer = await verdict(job.verify);
  console.log(JSON.stringify(answer));
}

async function verdict(token) {
  try {
    return { key_id: (await verifier.verify(token)).keyId };
  } catch (error) {
    if (!(error instanceof WorkloadIdentityError)) throw error;
    return { error: error.code };
  }
}
