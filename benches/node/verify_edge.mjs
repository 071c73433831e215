// Verifying where signatures are WebCrypto's: the edge package in Node.js and in workerd, beside a bare signature and jose.

import { TokenVerifier } from "workload-identity-wasm";
import { bare, jose, whole } from "./_edge_cases.mjs";
import { row, takeTurns } from "./_rounds.mjs";
import { audience, issuer, subject, tokens } from "./_tokens.mjs";
import { named } from "./_verifiers.mjs";
import { withWorkerd } from "./_workerd.mjs";

// A whole verification takes at most this many times a bare `subtle.verify`.
const times = 1.25;
const peer = named("jose");

/** By the clock, since waiting for the engine's threads is what a caller notices. */
function onTheClock(work) {
  return async (count) => {
    const start = process.hrtime.bigint();
    await work(count);
    return Number(process.hrtime.bigint() - start);
  };
}

async function measured(place, algorithm, cases) {
  const found = await takeTurns(cases);
  row(`${place} verify ${algorithm}`, found.ours, "a bare subtle.verify", found.bare, 1 / times);
  row(`${place} verify ${algorithm}`, found.ours, peer, found.jose, 0);
}

async function inNode(given) {
  await measured("node wasm", given.algorithm, {
    ours: onTheClock(whole(TokenVerifier, given)),
    bare: onTheClock(await bare(given)),
    jose: onTheClock(jose(given)),
  });
}

/** A request says how often; what the request itself costs is lost in the many. */
async function inWorkerd(given) {
  await withWorkerd(given, async (base) => {
    const asked = (name) =>
      onTheClock(async (count) => {
        const answer = await fetch(`${base}/${name}?count=${count}`);
        if (!answer.ok) throw new Error(`workerd: ${answer.status} ${await answer.text()}`);
      });
    await measured("workerd", given.algorithm, { ours: asked("ours"), bare: asked("bare"), jose: asked("jose") });
  });
}

/** Without WebCrypto: the entry whose signatures are Rust's. */
async function pureRust(given) {
  const { TokenVerifier: Pure } = await import("workload-identity-wasm/pure");
  const found = await takeTurns({ ours: onTheClock(whole(Pure, given)), jose: onTheClock(jose(given)) });
  row("node wasm verify EdDSA, pure Rust", found.ours, peer, found.jose, 1);
}

const made = tokens();
const facts = ({ algorithm, jwks, jwk, good }) => ({ algorithm, jwks, jwk, good, issuer, audience, subject });
await inNode(facts(made.RS256));
await inWorkerd(facts(made.RS256));
await pureRust(facts(made.EdDSA));
