// Verifying with WebCrypto: the edge package in Node.js and in workerd, beside a bare signature and jose.

import { TokenVerifier } from "workload-identity-wasm";
import { bare, jose, whole } from "./_edge_cases.mjs";
import { processorTime, row, takeTurns } from "./_rounds.mjs";
import { audience, issuer, subject, tokens } from "./_tokens.mjs";
import { named } from "./_verifiers.mjs";
import { withWorkerd } from "./_workerd.mjs";

// How many times faster than jose we must be when the claims are read.
const required = 1.05;
const peer = named("jose");
// V8 hands a function of a wasm module to its optimising compiler once millions of bytes of it have run (`--wasm-tiering-budget`, 13 million
// in Node.js 22): small ones late.
const warmUp = 30_000;

const clock = () => Number(process.hrtime.bigint());

/** The nanoseconds that work takes, by a clock or by a processor's time. */
function timed(now, work) {
  return async (count) => {
    const start = now();
    await work(count);
    return now() - start;
  };
}

async function measured(place, now, needed, work) {
  for (const one of Object.values(work)) await one(warmUp);
  const found = await takeTurns(Object.fromEntries(Object.entries(work).map(([name, one]) => [name, timed(now, one)])));
  row(place, found.ours, "a bare subtle.verify", found.bare, 0);
  row(`${place}, claims`, found.claims, "a bare subtle.verify", found.bare, 0);
  row(`${place}, claims`, found.claims, peer, found.jose, needed);
}

/** By the clock, since WebCrypto works on other threads; also in processor time, which depends less on other jobs. */
async function inNode(given) {
  const work = { ...whole(TokenVerifier, given), bare: await bare(given), jose: jose(given) };
  const name = `node wasm verify ${given.algorithm}`;
  await measured(name, clock, required, work);
  await measured(`${name}, processor time`, processorTime, 0, work);
}

/** One request for many verifications, so that the request itself hardly counts. */
async function inWorkerd(given) {
  await withWorkerd(given, async (base) => {
    const asked = (name) => async (count) => {
      const answer = await fetch(`${base}/${name}?count=${count}`);
      if (!answer.ok) throw new Error(`workerd: ${answer.status} ${await answer.text()}`);
    };
    const work = Object.fromEntries(["ours", "claims", "bare", "jose"].map((name) => [name, asked(name)]));
    await measured(`workerd verify ${given.algorithm}`, clock, required, work);
  });
}

/** Without WebCrypto. */
async function pureRust(given) {
  const found = await takeTurns({
    ours: timed(processorTime, whole(TokenVerifier, given, { signatures: "wasm" }).claims),
    jose: timed(processorTime, jose(given)),
  });
  row("node wasm verify EdDSA, pure Rust", found.ours, peer, found.jose, 1);
}

const made = tokens();
const facts = ({ algorithm, jwks, jwk, good }) => ({ algorithm, jwks, jwk, good, issuer, audience, subject });
await inNode(facts(made.RS256));
await inWorkerd(facts(made.RS256));
await pureRust(facts(made.EdDSA));
