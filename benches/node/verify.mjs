// Verifying tokens: whole, beside the peers, refused, and from the cache of verified tokens.

import { awsJwtVerify, fastJwt, jose, jsonWebToken, ours } from "./_verifiers.mjs";
import { limit, processorTime, row, takeTurns } from "./_rounds.mjs";
import { subject, tokens } from "./_tokens.mjs";

// How many times faster than each peer we must be. jose is asynchronous and compared with our `verify`.
const required = {
  RS256: { "fast-jwt": 1.15, "aws-jwt-verify": 1.7, jsonwebtoken: 0, jose: 4 },
  ES256: { "fast-jwt": 1.1, "aws-jwt-verify": 0, jsonwebtoken: 0, jose: 0 },
};
const requiredCached = 1.5;
const refusedNs = 6_000;
// How many times faster than fast-jwt an expired token is refused.
const requiredRefused = 10;

/** Reads a claim of every result. */
function accepted(verify, token) {
  return (count) => {
    const start = processorTime();
    for (let at = 0; at < count; at += 1) {
      if (verify(token).sub !== subject) throw new Error("another token's claims");
    }
    return processorTime() - start;
  };
}

function acceptedLater(verify, token) {
  return async (count) => {
    const start = processorTime();
    for (let at = 0; at < count; at += 1) {
      if ((await verify(token)).sub !== subject) throw new Error("another token's claims");
    }
    return processorTime() - start;
  };
}

function refused(verify, token) {
  return (count) => {
    let missed = 0;
    const start = processorTime();
    for (let at = 0; at < count; at += 1) {
      try {
        verify(token);
        missed += 1;
      } catch (error) {
        if (!error) throw error;
      }
    }
    if (missed > 0) throw new Error("the token is not good");
    return processorTime() - start;
  };
}

/** Our claims, whatever else the result says. */
const claimsOf = ({ claims }) => claims;

async function besidePeers(given) {
  const verifier = ours(given);
  const peers = [fastJwt(given), awsJwtVerify(given), jsonWebToken(given)];
  const waiting = jose(given);
  const cases = {
    "ours, verifySync": accepted((token) => claimsOf(verifier.verifySync(token)), given.good),
    "ours, verify": acceptedLater(async (token) => claimsOf(await verifier.verify(token)), given.good),
  };
  for (const { name, verify } of peers) cases[name] = accepted(verify, given.good);
  cases[waiting.name] = acceptedLater(waiting.verify, given.good);
  const found = await takeTurns(cases);
  const needed = (name) => required[given.algorithm][name.split(" ")[0]];
  for (const { name } of peers) {
    row(`node verifySync ${given.algorithm}`, found["ours, verifySync"], name, found[name], needed(name));
  }
  row(`node verify ${given.algorithm}`, found["ours, verify"], waiting.name, found[waiting.name], needed(waiting.name));
}

async function cached(given) {
  const verifier = ours(given, { cacheMaxBytes: 1 << 20 });
  const peer = fastJwt(given, true);
  const found = await takeTurns({
    ours: accepted((token) => claimsOf(verifier.verifySync(token)), given.good),
    [peer.name]: accepted(peer.verify, given.good),
  });
  row(`node verifySync ${given.algorithm}, cached`, found.ours, `${peer.name}, cached`, found[peer.name], requiredCached);
}

async function refusals(given) {
  const verifier = ours(given);
  const peers = [fastJwt(given), awsJwtVerify(given)];
  for (const [what, token] of Object.entries({ "unknown kid": given.unknownKey, expired: given.expired })) {
    const cases = { ours: refused((one) => verifier.verifySync(one), token) };
    // fast-jwt with one PEM ignores key ids.
    const able = peers.filter(({ name }) => what === "expired" || !name.startsWith("fast-jwt"));
    for (const { name, verify } of able) cases[name] = refused(verify, token);
    const found = await takeTurns(cases);
    limit(`node refused, ${what}`, found.ours, refusedNs);
    for (const { name } of able) {
      const needed = name.startsWith("fast-jwt") ? requiredRefused : 0;
      row(`node refused, ${what}`, found.ours, name, found[name], needed);
    }
  }
}

const made = tokens();
for (const { algorithm, good } of [made.RS256, made.ES256]) console.log(`${algorithm}: ${good.length} bytes`);
await besidePeers(made.RS256);
await besidePeers(made.ES256);
await refusals(made.RS256);
await cached(made.RS256);
