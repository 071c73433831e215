// Verifying where signatures are WebCrypto's: the edge package in Node.js and in workerd, beside a bare signature and jose.

import { TokenVerifier } from "workload-identity-wasm";
import { bare, jose, whole } from "./_edge_cases.mjs";
import { processorTime, row, takeTurns } from "./_rounds.mjs";
import { audience, issuer, subject, tokens } from "./_tokens.mjs";
import { named } from "./_verifiers.mjs";
import { withWorkerd } from "./_workerd.mjs";

// A whole verification takes at most this many times a bare `subtle.verify`.
const times = 1.25;
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

async function measured(place, now, required, work) {
  for (const one of Object.values(work)) await one(warmUp);
  const found = await takeTurns(Object.fromEntries(Object.entries(work).map(([name, one]) => [name, timed(now, one)])));
  row(place, found.ours, "a bare subtle.verify", found.bare, required);
  row(`${place}, claims`, found.claims, "a bare subtle.verify", found.bare, 0);
  row(`${place}, claims`, found.claims, peer, found.jose, 0);
}

/** By the clock, since the engine's threads are waited for; the processors' time beside it does not depend on other jobs. */
async function inNode(given) {
  const work = { ...whole(TokenVerifier, given), bare: await bare(given), jose: jose(given) };
  const name = `node wasm verify ${given.algorithm}`;
  await measured(name, clock, 1 / times, work);
  await measured(`${name}, processor time`, processorTime, 0, work);
}

/** A request says how often; what the request itself costs is lost in the many. */
async function inWorkerd(given) {
  await withWorkerd(given, async (base) => {
    const asked = (name) => async (count) => {
      const answer = await fetch(`${base}/${name}?count=${count}`);
      if (!answer.ok) throw new Error(`workerd: ${answer.status} ${await answer.text()}`);
    };
    const work = Object.fromEntries(["ours", "claims", "bare", "jose"].map((name) => [name, asked(name)]));
    await measured(`workerd verify ${given.algorithm}`, clock, 1 / times, work);
  });
}

/** Without WebCrypto: the entry whose signatures are Rust's. */
async function pureRust(given) {
  const { TokenVerifier: Pure } = await import("workload-identity-wasm/pure");
  const found = await takeTurns({
    ours: timed(processorTime, whole(Pure, given).claims),
    jose: timed(processorTime, jose(given)),
  });
  row("node wasm verify EdDSA, pure Rust", found.ours, peer, found.jose, 1);
}

const made = tokens();
const facts = ({ algorithm, jwks, jwk, good }) => ({ algorithm, jwks, jwk, good, issuer, audience, subject });
await inNode(facts(made.RS256));
await inWorkerd(facts(made.RS256));
await pureRust(facts(made.EdDSA));
