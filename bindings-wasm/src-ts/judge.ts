/** The hot path: one crossing into the addon; two into wasm, with WebCrypto between them. */

import { errorOf, hostError, refusal, type WorkloadIdentityError } from "./errors.js";
import {
  toBytes,
  type NativeModule,
  type NativeVerifier,
  type Step,
  type VerifierDone,
  type WireError,
  type WireVerdict,
} from "./protocol.js";
import { Remembered, VerifiedToken } from "./verified-token.js";
import { importKey, Unoffered, verifyWith, type ImportedKey } from "./web-crypto.js";

/** Judges tokens with what is at hand. */
export interface Judge {
  readonly machine: NativeVerifier;
  /** Whether a result never has to be waited for. */
  readonly atOnce: boolean;
  /** Nothing if keys must be fetched. What is found at once is returned, also refusals: the fewer throw, the cheaper. */
  judge(token: string, now: number): Found | Promise<VerifiedToken>;
}

/** A result, a refusal, or nothing if the token has to be driven. */
export type Found = VerifiedToken | WorkloadIdentityError | undefined;

/** The judge for a module's machine. `make` gets the configuration's bytes. */
export function judgeOf(native: NativeModule, machine: NativeVerifier, cacheMaxBytes: number): Judge {
  const steps = new Steps(cacheMaxBytes);
  const memory = native.heap?.();
  return memory
    ? new WasmJudge(machine as WasmVerifier, memory, steps, native.signatures() === "core")
    : new AddonJudge(machine as AddonVerifier, steps);
}

type VerifierStep = Step<VerifierDone & { value: WireVerdict }> | { step: "drive" };

/** Refusals have few texts, so each is parsed once. */
const refusalsKept = 64;

/** Makes results of the machine's steps. */
class Steps {
  readonly remembered: Remembered | undefined;
  readonly #refusals = new Map<string, WireError>();

  constructor(cacheMaxBytes: number) {
    this.remembered = cacheMaxBytes > 0 ? new Remembered(cacheMaxBytes) : undefined;
  }

  result(text: string): Found {
    const known = this.#refusals.get(text);
    if (known) return refusal(known);
    const step = JSON.parse(text) as VerifierStep;
    switch (step.step) {
      case "done":
        return this.keep(step.serial, new VerifiedToken(step.value), text.length);
      case "fail":
        // Those of a moment have a text of their own each time.
        if (step.error.retry_at === undefined) {
          if (this.#refusals.size >= refusalsKept) this.#refusals.clear();
          this.#refusals.set(text, step.error);
        }
        return refusal(step.error);
      default:
        return undefined;
    }
  }

  keep(serial: number | undefined, found: Found, bytes: number): Found {
    return serial !== undefined && this.remembered && found instanceof VerifiedToken
      ? this.remembered.keep(serial, found, bytes)
      : found;
  }
}

interface AddonVerifier extends NativeVerifier {
  /** A step, or the serial of a verdict that is remembered. */
  judge(token: string, now: number): string | number;
  check(token: string, now: number): string;
}

class AddonJudge implements Judge {
  readonly atOnce = true;

  constructor(
    readonly machine: AddonVerifier,
    private readonly steps: Steps,
  ) {}

  judge(token: string, now: number): Found {
    const found = this.machine.judge(token, now);
    if (typeof found === "string") return this.steps.result(found);
    const known = this.steps.remembered?.get(found);
    if (known) return known;
    const text = this.machine.check(token, now);
    return this.steps.keep(found, this.steps.result(text), text.length);
  }
}

interface WasmVerifier extends NativeVerifier {
  /** Where to write a token of so many bytes. */
  room(bytes: number): number;
  /** Judges what was written; where the answer is. */
  judge(bytes: number, now: number): number;
  check(token: Uint8Array, now: number): string;
  key(number: number): string;
  open(verdict: number, good: number): string | undefined;
}

/** The first word of an answer; see `bindings-wasm/src/verifier.rs`. */
const enum Answer {
  Step = 0,
  Seen = 1,
  Ask = 2,
  AskAnew = 3,
}

/** What the host says of a signature. */
const enum Word {
  Bad = 0,
  Good = 1,
  None = 2,
}

/** Longer ones are refused for their length, whatever the configuration. */
const longestToken = 262_144;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

class WasmJudge implements Judge {
  #bytes = new Uint8Array(0);
  #words = new Uint32Array(0);
  #keys: (ImportedKey | undefined)[] = [];

  constructor(
    readonly machine: WasmVerifier,
    private readonly memory: { readonly buffer: ArrayBuffer },
    private readonly steps: Steps,
    readonly atOnce: boolean,
  ) {}

  judge(token: string, now: number): Found | Promise<VerifiedToken> {
    const { machine } = this;
    const { length } = token;
    if (length > longestToken) return this.#check(token.slice(0, longestToken + 1), now);
    const place = machine.room(length);
    this.#look();
    const { read } = encoder.encodeInto(token, this.#bytes.subarray(place, place + length));
    // A token is ASCII. What is not would be cut off here, and the rest might be a token.
    if (read !== length) return this.#check(token, now);
    const answer = machine.judge(length, now) >>> 2;
    this.#look();
    const words = this.#words;
    const kind = words[answer] as Answer;
    const verdict = words[answer + 3] as number;
    if (kind === Answer.Seen) {
      const known = this.steps.remembered?.get(verdict);
      return known ?? this.#check(token, now, verdict);
    }
    const at = words[answer + 1] as number;
    const end = at + (words[answer + 2] as number);
    if (kind === Answer.Step) return this.steps.result(decoder.decode(this.#bytes.subarray(at, end)));
    // Another list, since imports that are under way end up in the former.
    if (kind === Answer.AskAnew) this.#keys = [];
    const number = words[answer + 4] as number;
    const input = this.#bytes.subarray(place, place + (words[answer + 5] as number));
    const start = words[answer + 6] as number;
    const signature = this.#bytes.subarray(start, start + (words[answer + 7] as number));
    const key = this.#keys[number];
    // WebCrypto copies its arguments before it returns; whoever waits for a key has to do so here.
    const good = key
      ? verifyWith(key, input, signature)
      : this.#withNewKey(number, input.slice(), signature.slice());
    // While the signature is computed.
    return this.#open(verdict, good, decoder.decode(this.#bytes.subarray(at, end)));
  }

  async #open(verdict: number, verifying: Promise<boolean>, text: string): Promise<VerifiedToken> {
    const result = text === "" ? undefined : new VerifiedToken(JSON.parse(text) as WireVerdict);
    let word = Word.None;
    let refused: string | undefined;
    try {
      word = (await verifying) ? Word.Good : Word.Bad;
    } catch (error) {
      throw providerError(error);
    } finally {
      refused = this.machine.open(verdict, word);
    }
    if (refused !== undefined) throw this.steps.result(refused);
    return result as VerifiedToken;
  }

  async #withNewKey(
    number: number,
    input: Uint8Array<ArrayBuffer>,
    signature: Uint8Array<ArrayBuffer>,
  ): Promise<boolean> {
    const keys = this.#keys;
    const { algorithm, key } = JSON.parse(this.machine.key(number)) as { algorithm: string; key: JsonWebKey };
    const imported = await importKey(algorithm, key);
    if (!imported) return false;
    keys[number] = imported;
    return verifyWith(imported, input, signature);
  }

  #check(token: string, now: number, serial?: number): Found {
    const text = this.machine.check(toBytes(token), now);
    return this.steps.keep(serial, this.steps.result(text), text.length);
  }

  /** Memory that has grown is another buffer. */
  #look(): void {
    const { buffer } = this.memory;
    if (buffer === this.#bytes.buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
  }
}

function providerError(error: unknown): Error {
  if (error instanceof Unoffered) {
    const message = "the runtime's crypto does not offer the token's algorithm";
    return errorOf({ code: "alg_unsupported", message, fault: "input", retryable: false }, error);
  }
  const message = "the runtime's crypto could not compute whether the token's signature verifies";
  return hostError("provider_error", "internal", message, error);
}
