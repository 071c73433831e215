// tests/vectors/attacks.md: the native module and the public class accept and refuse as the corpus says.
import { lastStep, verified } from "./native.js";

const bytes = (value) => new TextEncoder().encode(value);

const text = (pieces) =>
  typeof pieces === "string"
    ? pieces
    : pieces.map((piece) => (typeof piece === "string" ? piece : piece.repeat[0].repeat(piece.repeat[1]))).join("");

function merged(into, members = {}) {
  for (const [name, value] of Object.entries(members)) {
    if (value === null) delete into[name];
    else into[name] = value;
  }
}

/** The configuration as an object; the key sets that it names are texts in `documents`. */
function configured(corpus, test) {
  const config = structuredClone(corpus.policies[test.policy]);
  if (test.keys) config.issuers[0].keys = test.keys;
  merged(config.issuers[0], test.issuer);
  merged(config, test.options);
  const documents = (config.issuers ?? []).map(({ keys }) => {
    if (typeof keys !== "string") return undefined;
    const named = corpus.keys[keys];
    return named.text ? text(named.text) : JSON.stringify(named);
  });
  return { config, documents };
}

function configurationText({ config, documents }) {
  const marked = structuredClone(config);
  documents.forEach((document, number) => {
    if (document !== undefined) marked.issuers[number].keys = `@${number}@`;
  });
  let json = JSON.stringify(marked);
  documents.forEach((document, number) => {
    if (document !== undefined) json = json.replace(`"@${number}@"`, () => document);
  });
  return json;
}

/** A refusal's text is short and repeats nothing of the token. */
function checkText(message, token) {
  if (bytes(message).length > 512) throw new Error("the message is too long");
  for (let at = 0; at + 9 <= message.length; at += 1) {
    if (token.includes(message.slice(at, at + 9))) throw new Error("the message repeats the token");
  }
}

/** Answers effects as the case says; remembers the addresses that were asked for. */
function host(corpus, test, fetched) {
  return async (effect, clock) => {
    if (effect.kind === "sleep") {
      clock.now = Math.max(clock.now, effect.until);
      return ["elapsed"];
    }
    if (effect.kind === "verify") {
      if (!test.verify) return verified(effect);
      return test.verify === "failed" ? ["failed", 0, "other"] : ["verified", test.verify === "good" ? 1 : 0];
    }
    if (!test.fetch) throw new Error("nothing may be fetched");
    const answer = test.fetch[Math.min(fetched.length, test.fetch.length - 1)];
    fetched.push(effect.url);
    if (answer.failed) return ["failed", 0, answer.failed];
    const set = answer.keys && corpus.keys[answer.keys];
    const body = set ? (set.text ? text(set.text) : JSON.stringify(set)) : text(answer.body);
    return ["http", answer.status, answer.head ?? "", bytes(body)];
  };
}

async function byModule(native, signatures, corpus, test) {
  let machine;
  try {
    const { config, documents } = configured(corpus, test);
    const text = configurationText({ config: { signatures, ...config }, documents });
    machine = new native.Verifier(bytes(text));
  } catch (error) {
    return JSON.parse(typeof error === "string" ? error : error.message).code;
  }
  if (test.token === undefined) return "accepted";
  machine.reseed(new Uint8Array(32));
  const fetched = [];
  const perform = host(corpus, test, fetched);
  const check = async (token, now) => {
    const step = await lastStep(machine, token, { now }, perform);
    if (step.step === "done") return "accepted";
    checkText(step.error.message, token);
    return step.error.code;
  };
  for (const { token, now, expected } of test.earlier ?? []) {
    const found = await check(text(token), now ?? corpus.now);
    if (found !== expected) throw new Error(`earlier: expected ${expected}, got ${found}`);
  }
  const found = await check(text(test.token), test.now ?? corpus.now);
  if (test.fetched && JSON.stringify(test.fetched) !== JSON.stringify(fetched)) {
    throw new Error(`fetched ${fetched.join(" ")}`);
  }
  return found;
}

const settings = {
  leeway_seconds: "leewaySeconds",
  max_token_bytes: "maxTokenBytes",
  cache_max_bytes: "cacheMaxBytes",
  allow_loopback_http: "allowLoopbackHttp",
  private_addresses: "privateAddresses",
  allowed_networks: "allowedNetworks",
  dangerously_allow_rsa_1024: "dangerouslyAllowRsa1024",
};

/** Through the class that applications use; nothing if its options cannot say what the case configures. */
async function byClass(TokenVerifier, corpus, test) {
  const { config, documents } = configured(corpus, test);
  const { issuers, signatures, ...rest } = config;
  if (test.fetch || test.verify || signatures || !issuers) return undefined;
  const options = { issuers: issuers.map((issuer, at) => ({ ...issuer, keys: documents[at] ?? issuer.keys })) };
  for (const [name, value] of Object.entries(rest)) {
    if (!(name in settings)) return undefined;
    options[settings[name]] = value;
  }
  const clock = Date.now;
  try {
    const verifier = new TokenVerifier(options);
    if (test.token === undefined) return "accepted";
    for (const { token, now } of test.earlier ?? []) {
      Date.now = () => now ?? corpus.now;
      await verifier.verify(text(token)).catch(() => undefined);
    }
    Date.now = () => test.now ?? corpus.now;
    const { claims } = await verifier.verify(text(test.token));
    return typeof claims === "object" ? "accepted" : "no claims";
  } catch (error) {
    if (!error.code) throw error;
    if (test.token !== undefined) checkText(error.message, text(test.token));
    return error.code;
  } finally {
    Date.now = clock;
  }
}

/** Whether a runtime's WebCrypto may lack the algorithm that the case is about. */
function rare(test, found) {
  if (test.needs) return true;
  return found === "alg_unsupported" && /Ed25519|EdDSA|ES512/.test(test.name + test.about);
}

async function failuresOf(corpus, byHost, check) {
  const failures = [];
  let checkedCases = 0;
  for (const test of corpus.cases) {
    const expected = (byHost && test.by_host) || test.expected;
    let found;
    try {
      found = await check(test);
    } catch (error) {
      found = String(error);
    }
    if (found === undefined) continue;
    checkedCases += 1;
    if (found !== expected && !(byHost && rare(test, found))) failures.push(`${test.name}: expected ${expected}, got ${found}`);
  }
  if (checkedCases < 300) failures.push(`only ${checkedCases} cases`);
  if (failures.length > 0) throw new Error(`${failures.length} cases\n${failures.slice(0, 40).join("\n")}`);
}

export function attacks({ package: exports, native, pure, attacks }) {
  const host = !native.verifiesSignatures;
  return {
    "attacks, the module": () => failuresOf(attacks, false, (test) => byModule(native, "core", attacks, test)),
    "attacks, the module with WebCrypto": () =>
      failuresOf(attacks, true, (test) => byModule(native, "host", attacks, test)),
    "attacks, TokenVerifier": () =>
      failuresOf(attacks, host, (test) => byClass(exports.TokenVerifier, attacks, test)),
    "attacks, TokenVerifier of `/pure`": () =>
      failuresOf(attacks, false, (test) => byClass(pure.TokenVerifier, attacks, test)),
  };
}
