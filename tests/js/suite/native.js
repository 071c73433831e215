// Drives the native verifier without the package's own driver.

const encoder = new TextEncoder();
const bytes = (value) => encoder.encode(value);
const nothing = new Uint8Array(0);

const toBase64Url = (binary) =>
  btoa(String.fromCharCode(...binary)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const fromBase64Url = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

/** The last step of a token; `perform` answers effects with `[kind, status, head, body]` and may move the clock on. */
export async function lastStep(machine, token, clock, perform) {
  const step = JSON.parse(machine.check(bytes(token), clock.now));
  if (step.step === "verify_signature") return completed(machine, step, token, clock, perform);
  if (step.step !== "drive") return step;
  const ticket = machine.begin(bytes(JSON.stringify({ token })));
  try {
    for (;;) {
      const step = JSON.parse(machine.poll(ticket, clock.now));
      if (step.step !== "perform") return step;
      const [kind, status = 0, head = "", body = nothing] = await perform(step.effect, clock);
      machine.resolve(step.effect.id, kind, status, bytes(head), body, clock.now);
    }
  } finally {
    machine.end(ticket);
  }
}

/** Performs `verify_signature` as if it was the effect `verify`. */
async function completed(machine, { verification, algorithm, signed_bytes }, token, clock, perform) {
  const key = JSON.parse(machine.jwk(verification));
  const [input, signature] = [bytes(token).subarray(0, signed_bytes), machine.signature(verification)];
  const effect = { kind: "verify", algorithm, key, input: toBase64Url(input), signature: toBase64Url(signature) };
  const [kind, status, head] = await perform(effect, clock);
  try {
    const claims = JSON.parse(machine.complete(verification, kind === "failed" ? head : status ? "valid" : "invalid"));
    return { step: "done", value: { claims } };
  } catch (error) {
    return { step: "fail", error: JSON.parse(typeof error === "string" ? error : error.message) };
  }
}

const hashes = { 256: "SHA-256", 384: "SHA-384", 512: "SHA-512" };
const curves = { ES256: "P-256", ES384: "P-384", ES512: "P-521" };

/** What an application with WebCrypto answers to a `verify` effect. */
export async function verified({ algorithm, key, input, signature }) {
  const hash = hashes[algorithm.slice(2)];
  const kind = {
    RS: { name: "RSASSA-PKCS1-v1_5", hash },
    PS: { name: "RSA-PSS", hash, saltLength: Number(algorithm.slice(2)) / 8 },
    ES: { name: "ECDSA", hash, namedCurve: curves[algorithm] },
  }[algorithm.slice(0, 2)] ?? { name: "Ed25519" };
  const { kty, n, e, crv, x, y } = key;
  try {
    const imported = await crypto.subtle.importKey("jwk", { kty, n, e, crv, x, y }, kind, false, ["verify"]);
    const good = await crypto.subtle.verify(kind, imported, fromBase64Url(signature), fromBase64Url(input));
    return ["verified", good ? 1 : 0];
  } catch (error) {
    // The point is not on its curve; runtimes find that out sooner or later.
    return error.name === "NotSupportedError" ? ["failed", 0, "not_found"] : ["verified", 0];
  }
}
