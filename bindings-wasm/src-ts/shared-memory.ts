/** Memory that a native verifier shares with its judge: a token is written there, an answer is read there. */

import type { NativeModule, NativeVerifier } from "./protocol.js";

/** Room for a token: as long as a token may be unless the configuration says otherwise. */
export const tokenRoom = 16_384;

export interface SharedMemory {
  /** Where a token is written. */
  readonly token: Uint8Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** In which answers begin with their words. */
  readonly words: Uint32Array;
  /** To be called before a token is written. */
  look(): void;
  /** Judges the token of so many bytes that was written; which word is the answer's first. */
  judge(bytes: number, now: number): number;
}

export function sharedMemory(native: NativeModule, machine: NativeVerifier): SharedMemory {
  const memory = native.heap?.();
  return memory ? new WasmMemory(machine as WasmVerifier, memory) : new AddonMemory(native as AddonModule, machine as AddonVerifier);
}

type AddonModule = NativeModule & Required<Pick<NativeModule, "judge">>;

interface AddonVerifier extends NativeVerifier {
  /** Takes memory, and returns the number to judge under. */
  share(memory: Uint8Array): number;
}

/** Words come first. */
const tokenAt = 64;

/** Memory of JavaScript's, for no other is free to look at. */
class AddonMemory implements SharedMemory {
  // A token, twice as much for what is read of it, and then some.
  readonly bytes = new Uint8Array(4 * tokenRoom);
  readonly words = new Uint32Array(this.bytes.buffer);
  readonly token = this.bytes.subarray(tokenAt, tokenAt + tokenRoom);
  readonly #judge: AddonModule["judge"];
  readonly #desk: number;

  constructor(native: AddonModule, machine: AddonVerifier) {
    this.#judge = native.judge;
    this.#desk = machine.share(this.bytes);
  }

  look(): void {}

  judge(bytes: number, now: number): number {
    this.#judge(this.#desk, bytes, now);
    return 0;
  }
}

interface WasmVerifier extends NativeVerifier {
  /** Where to write a token of so many bytes. */
  room(bytes: number): number;
  /** Judges the token of so many bytes that was written; where the answer's words are. */
  judge(bytes: number, now: number): number;
}

class WasmMemory implements SharedMemory {
  bytes = new Uint8Array(0);
  words = new Uint32Array(0);
  token = new Uint8Array(0);
  readonly #tokenAt: number;

  constructor(
    private readonly machine: WasmVerifier,
    private readonly memory: { readonly buffer: ArrayBuffer },
  ) {
    this.#tokenAt = machine.room(tokenRoom);
  }

  /** Memory that has grown is another buffer; the former has lost its bytes. */
  look(): void {
    if (this.bytes.length > 0) return;
    const { buffer } = this.memory;
    this.bytes = new Uint8Array(buffer);
    this.words = new Uint32Array(buffer);
    this.token = this.bytes.subarray(this.#tokenAt, this.#tokenAt + tokenRoom);
  }

  judge(bytes: number, now: number): number {
    const answer = this.machine.judge(bytes, now);
    this.look();
    return answer >>> 2;
  }
}
