/** A WebAssembly module as a native module. Numbers cross; bytes and text are in its memory (`bindings-wasm/src`). */

import type { NativeMachine, NativeModule, NativeVerifier } from "./protocol.js";

/** What a module exports. Calls that return -1 leave a text. */
interface Exports {
  memory: { readonly buffer: ArrayBuffer };
  room(bytes: number): number;
  answer(): number;
  machine_drop(machine: number): void;
  machine_reseed(machine: number, bytes: number): number;
  machine_begin(machine: number, bytes: number): number;
  machine_poll(machine: number, ticket: number, now: number): number;
  machine_resolve(
    machine: number,
    effect: number,
    kindBytes: number,
    status: number,
    headBytes: number,
    bodyBytes: number,
    now: number,
  ): number;
  machine_end(machine: number, ticket: number): number;
  engine_new(bytes: number): number;
  environment_names(): void;
  verifier_new(bytes: number): number;
  verifier_room(verifier: number, bytes: number): number;
  verifier_judge(verifier: number, bytes: number, now: number): number;
  verifier_key(verifier: number, key: number): number;
  verifier_open(verifier: number, verdict: number, good: number): number;
  verifier_check(verifier: number, bytes: number, now: number): number;
  verifier_refresh(verifier: number, now: number): number;
  verifier_snapshot(verifier: number, now: number): number;
  verifier_load(verifier: number, bytes: number, now: number): number;
  signs_itself(): number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The arguments and the texts of an instance. */
class Passage {
  #bytes = new Uint8Array(0);
  readonly #words: number;

  constructor(private readonly exports: Exports) {
    this.#words = exports.answer();
  }

  /** Room for so many bytes. */
  room(bytes: number): Uint8Array {
    const place = this.exports.room(bytes) >>> 0;
    return this.#at(place, bytes);
  }

  /** Writes bytes into the room; returns how many. */
  write(bytes: Uint8Array): number {
    this.room(bytes.length).set(bytes);
    return bytes.length;
  }

  /** The text of the last call. */
  text(): string {
    const [place = 0, bytes = 0] = new Uint32Array(this.exports.memory.buffer, this.#words, 2);
    return decoder.decode(this.#at(place, bytes));
  }

  /** Throws the text of a call that returned -1. */
  number(returned: number): number {
    if (returned < 0) throw this.text();
    return returned;
  }

  #at(place: number, bytes: number): Uint8Array {
    const { buffer } = this.exports.memory;
    // Memory that has grown is another buffer.
    if (buffer !== this.#bytes.buffer) this.#bytes = new Uint8Array(buffer);
    return this.#bytes.subarray(place, place + bytes);
  }
}

/** Not all runtimes tell when an object is gone; there a machine stays until the instance goes. */
const registry =
  typeof FinalizationRegistry === "undefined"
    ? undefined
    : new FinalizationRegistry<[Exports, number]>(([exports, machine]) => exports.machine_drop(machine));

class Machine implements NativeMachine {
  constructor(
    protected readonly exports: Exports,
    protected readonly passage: Passage,
    protected readonly handle: number,
  ) {
    registry?.register(this, [exports, handle]);
  }

  reseed(seed: Uint8Array): void {
    const { exports, passage } = this;
    passage.number(exports.machine_reseed(this.handle, passage.write(seed)));
  }

  begin(request: Uint8Array): number {
    return this.exports.machine_begin(this.handle, this.passage.write(request));
  }

  poll(ticket: number, now: number): string {
    this.exports.machine_poll(this.handle, ticket, now);
    return this.passage.text();
  }

  resolve(
    effect: number,
    kind: string,
    status: number,
    head: Uint8Array,
    body: Uint8Array,
    now: number,
  ): number {
    const room = this.passage.room(kind.length + head.length + body.length);
    encoder.encodeInto(kind, room);
    room.set(head, kind.length);
    room.set(body, kind.length + head.length);
    return this.exports.machine_resolve(
      this.handle,
      effect,
      kind.length,
      status,
      head.length,
      body.length,
      now,
    );
  }

  end(ticket: number): number {
    return this.exports.machine_end(this.handle, ticket);
  }
}

class Verifier extends Machine implements NativeVerifier {
  /** Where to write a token of so many bytes. */
  room(bytes: number): number {
    return this.exports.verifier_room(this.handle, bytes);
  }

  /** Where the words of the answer are. */
  judge(bytes: number, now: number): number {
    return this.exports.verifier_judge(this.handle, bytes, now);
  }

  key(number: number): string {
    this.exports.verifier_key(this.handle, number);
    return this.passage.text();
  }

  /** The step `fail` if the verdict is another after all. */
  open(verdict: number, good: number): string | undefined {
    return this.exports.verifier_open(this.handle, verdict, good) < 0 ? this.passage.text() : undefined;
  }

  check(token: Uint8Array, now: number): string {
    this.exports.verifier_check(this.handle, this.passage.write(token), now);
    return this.passage.text();
  }

  refresh(now: number): number {
    return this.exports.verifier_refresh(this.handle, now);
  }

  snapshot(now: number): string {
    this.exports.verifier_snapshot(this.handle, now);
    return this.passage.text();
  }

  load(snapshot: Uint8Array, now: number): number {
    const { exports, passage } = this;
    return passage.number(exports.verifier_load(this.handle, passage.write(snapshot), now));
  }
}

/** An instance of a compiled module. It imports nothing. */
export function wasmModule(module: WebAssembly.Module): NativeModule {
  const exports = new WebAssembly.Instance(module).exports as unknown as Exports;
  const passage = new Passage(exports);
  return {
    Engine: class extends Machine {
      constructor(config: Uint8Array) {
        super(exports, passage, passage.number(exports.engine_new(passage.write(config))));
      }
    },
    Verifier: class extends Verifier {
      constructor(config: Uint8Array) {
        super(exports, passage, passage.number(exports.verifier_new(passage.write(config))));
      }
    },
    environment_names: () => {
      exports.environment_names();
      return passage.text();
    },
    heap: () => exports.memory,
    signatures: () => (exports.signs_itself() ? "core" : "host"),
  };
}

/** The same of a module that has to be downloaded. */
export async function downloadedModule(url: URL): Promise<NativeModule> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.href} answered with status ${response.status}`);
  // Compiling while it arrives takes a server that knows the media type.
  const typed = response.headers.get("content-type") === "application/wasm";
  return wasmModule(
    typed
      ? await WebAssembly.compileStreaming(response)
      : await WebAssembly.compile(await response.arrayBuffer()),
  );
}
