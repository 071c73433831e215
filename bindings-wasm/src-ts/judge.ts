/** The hot path: one crossing into the core, or two with WebCrypto between them. */

import { errorOf, hostError, refusal, type WorkloadIdentityError } from "./errors.js";
import {
  toBytes,
  type NativeModule,
  type NativeVerifier,
  type Step,
  type VerifierDone,
  type WireError,
  type WireKey,
  type WireVerdict,
} from "./protocol.js";
import { sharedMemory, tokenRoom, type SharedMemory } from "./shared-memory.js";
import { Remembered, Verdict, VerifiedToken, type KeyFacts } from "./verified-token.js";
import { importKey, isNoKey, Unoffered, verifyWith, type ImportedKey } from "./web-crypto.js";

/** A result, a refusal, or nothing if the token has to be driven. */
export type Found = VerifiedToken | WorkloadIdentityError | undefined;

/** The words of an answer; see `core/src/wire/answer.rs`. */
const enum Word {
  Kind,
  Number,
  Anew,
  Verdict,
  SerialLow,
  SerialHigh,
  Age,
  Subject,
  Type,
  HasKeyId,
  Signed,
  Text,
  TextBytes,
  Signature,
  SignatureBytes,
}

const enum Kind {
  Drive = 0,
  Refused = 1,
  Seen = 2,
  Accepted = 3,
  Ask = 4,
}

/** What the host says of a signature. */
const enum Signature {
  Bad = 0,
  Good = 1,
  Unknown = 2,
}

/** A key with what WebCrypto made of it. */
interface KnownKey extends KeyFacts {
  readonly jwk: JsonWebKey | undefined;
  imported: ImportedKey | undefined;
}

/** Longer ones are refused for their length, whatever the configuration. */
const longestToken = 262_144;
const encoder = new TextEncoder();
/** A mark at the beginning of a subject is part of it. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

type VerifierStep = Step<VerifierDone & { value: WireVerdict }> | { step: "drive" };

/** Judges tokens with what is at hand. */
export class Judge {
  /** Whether a result never has to be waited for. */
  readonly atOnce: boolean;
  readonly #memory: SharedMemory;
  readonly #takesBytes: boolean;
  readonly #remembered: Remembered | undefined;
  #keys: KnownKey[] = [];
  #lastSignature = new Uint8Array(0);
  #refusals: WireError[] = [];

  constructor(
    native: NativeModule,
    readonly machine: NativeVerifier,
    cacheMaxBytes: number,
  ) {
    this.atOnce = native.signatures() === "core";
    this.#memory = sharedMemory(native, machine);
    this.#takesBytes = native.heap !== undefined;
    this.#remembered = cacheMaxBytes > 0 ? new Remembered(cacheMaxBytes) : undefined;
  }

  /** Nothing if keys must be fetched. What is found at once is returned, also refusals: the fewer throw, the cheaper. */
  judge(token: string, now: number): Found | Promise<VerifiedToken> {
    const { length } = token;
    if (length > tokenRoom) return this.#check(token.slice(0, longestToken + 1), now);
    const memory = this.#memory;
    memory.look();
    const { read, written } = encoder.encodeInto(token, memory.token);
    // A token is ASCII. What is not might be cut off here, and the rest might be a token.
    if (read !== length || written !== length) return this.#check(token, now);
    const answer = memory.judge(length, now);
    switch (this.#word(answer, Word.Kind)) {
      case Kind.Refused:
        return this.#refused(answer);
      case Kind.Seen:
        return this.#remembered?.get(this.#serial(answer)) ?? this.#check(token, now, this.#serial(answer));
      case Kind.Accepted: {
        const key = this.#key(answer);
        return this.#result(this.#verdict(answer, key), this.#serial(answer), length);
      }
      case Kind.Ask:
        return this.#ask(answer, length);
      default:
        return undefined;
    }
  }

  /** Has WebCrypto verify, and reads the verdict meanwhile. */
  #ask(answer: number, length: number): Promise<VerifiedToken> {
    const key = this.#key(answer);
    const { token } = this.#memory;
    const input = token.subarray(0, this.#word(answer, Word.Signed));
    const signature = this.#signature(answer);
    // WebCrypto copies its arguments before it returns; whoever waits for a key has to do so here.
    const verifying = key.imported
      ? verifyWith(key.imported, input, signature)
      : verifyWithNew(key, input.slice(), signature.slice());
    const held = this.#word(answer, Word.TextBytes) > 0;
    const verdict = held ? this.#verdict(answer, key) : undefined;
    const sealed = this.#word(answer, Word.Verdict);
    const serial = this.#serial(answer);
    // Callbacks: an async function would cost as much as the rest of this.
    return verifying.then(
      (good) => {
        this.#open(sealed, good ? Signature.Good : Signature.Bad);
        return this.#result(verdict as Verdict, serial, length);
      },
      (error: unknown) => {
        const known = isNoKey(error);
        this.#open(sealed, known ? Signature.Bad : Signature.Unknown);
        throw providerError(error);
      },
    );
  }

  /** Throws if the token is refused after all. */
  #open(sealed: number, word: Signature): void {
    const refused = this.machine.open(sealed, word);
    if (refused) throw this.#step(refused);
  }

  /** Signatures of a key are as long as each other and stand where the last one stood. */
  #signature(answer: number): Uint8Array<ArrayBuffer> {
    const { bytes } = this.#memory;
    const start = this.#word(answer, Word.Signature);
    const length = this.#word(answer, Word.SignatureBytes);
    const last = this.#lastSignature;
    if (last.buffer === bytes.buffer && last.byteOffset === start && last.length === length) return last;
    return (this.#lastSignature = bytes.subarray(start, start + length));
  }

  #result(verdict: Verdict, serial: number, bytes: number): VerifiedToken {
    return serial > 0 && this.#remembered
      ? this.#remembered.keep(serial, verdict, bytes)
      : new VerifiedToken(verdict);
  }

  #verdict(answer: number, key: KeyFacts): Verdict {
    const { words } = this.#memory;
    const subject = words[answer + Word.Subject] as number;
    const type = words[answer + Word.Type] as number;
    const age = words[answer + Word.Age] as number;
    const text = this.#text(answer);
    const subjectEnd = subject > 0 ? subject - 1 : 0;
    const typeEnd = type > 0 ? subjectEnd + type - 1 : subjectEnd;
    return new Verdict(
      text,
      typeEnd,
      key,
      subject > 0 ? text.slice(0, subjectEnd) : undefined,
      type > 0 ? text.slice(subjectEnd, typeEnd) : undefined,
      (words[answer + Word.HasKeyId] as number) > 0,
      age > 0 ? age - 1 : undefined,
    );
  }

  #key(answer: number): KnownKey {
    // Another list, since imports that are under way end up in the former.
    if (this.#word(answer, Word.Anew) > 0) this.#keys = [];
    const number = this.#word(answer, Word.Number);
    const known = this.#keys[number];
    if (known) return known;
    const text = this.machine.key(number);
    // The text may have made the memory grow.
    this.#memory.look();
    return (this.#keys[number] = knownKey(JSON.parse(text) as WireKey));
  }

  #refused(answer: number): WorkloadIdentityError {
    if (this.#word(answer, Word.Anew) > 0) this.#refusals = [];
    const number = this.#word(answer, Word.Number);
    const known = this.#refusals[number];
    if (known) return refusal(known);
    const error = JSON.parse(this.#text(answer)) as WireError;
    if (number !== 0xffff_ffff) this.#refusals[number] = error;
    return refusal(error);
  }

  /** The same by a step, for tokens that do not fit and verdicts that were forgotten here. */
  #check(token: string, now: number, serial = 0): Found {
    return this.#step(this.machine.check(this.#takesBytes ? toBytes(token) : token, now), serial);
  }

  #step(text: string, serial = 0): Found {
    const step = JSON.parse(text) as VerifierStep;
    switch (step.step) {
      case "done":
        return this.#result(Verdict.of(step.value), serial, text.length);
      case "fail":
        return refusal(step.error);
      default:
        return undefined;
    }
  }

  #word(answer: number, word: Word): number {
    return this.#memory.words[answer + word] as number;
  }

  #serial(answer: number): number {
    return this.#word(answer, Word.SerialHigh) * 0x1_0000_0000 + this.#word(answer, Word.SerialLow);
  }

  #text(answer: number): string {
    const at = this.#word(answer, Word.Text);
    return decoder.decode(this.#memory.bytes.subarray(at, at + this.#word(answer, Word.TextBytes)));
  }
}

function knownKey({ alg, algorithm, profile, key_id, key_thumbprint, key }: WireKey): KnownKey {
  return { alg, algorithm, profile, keyId: key_id, keyThumbprint: key_thumbprint, jwk: key, imported: undefined };
}

async function verifyWithNew(
  key: KnownKey,
  input: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const imported = await importKey(key.algorithm, key.jwk as JsonWebKey);
  if (!imported) return false;
  key.imported = imported;
  return verifyWith(imported, input, signature);
}

function providerError(error: unknown): Error {
  if (error instanceof Unoffered) {
    const message = "the runtime's crypto does not offer the token's algorithm";
    return errorOf({ code: "alg_unsupported", message, fault: "input", retryable: false }, error);
  }
  const message = "the runtime's crypto could not compute whether the token's signature verifies";
  return hostError("provider_error", "internal", message, error);
}
