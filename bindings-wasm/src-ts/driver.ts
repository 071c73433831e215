/** The loop of `docs/protocol.md`: begin, poll, perform or wait, resolve, end. All decisions are the core's. */

import { perform, type Host } from "./effects.js";
import { errorOf, hostError, WorkloadIdentityError } from "./errors.js";
import { pause, reasonOf, type AbortSignalLike } from "./patience.js";
import { nativeModule, platform } from "./platform.js";
import {
  toBytes,
  type Done,
  type NativeEngine,
  type NativeModule,
  type Step,
  type WireError,
} from "./protocol.js";

/** Told about every token, also those of background refreshes. */
export type Keep = (done: Done) => void;

export class Driver {
  #engine: NativeEngine | undefined;
  #seeded = false;
  /** The wake board: who sleeps on which flight. */
  readonly #asleep = new Map<number, Set<() => void>>();

  /** `config` is asked for when the engine is made, with the variables that the core reads. */
  constructor(
    private readonly config: (names: readonly string[]) => string,
    private readonly host: Host,
    private readonly waitUntil: ((work: Promise<unknown>) => void) | undefined,
  ) {
    const native = nativeModule();
    // Where the module is at hand, a wrong configuration is reported by the constructor.
    if (!(native instanceof Promise)) this.#engine = this.#start(native);
  }

  /** Drives one request to its end. Throws a `WorkloadIdentityError` or the reason of `abort`. */
  async acquire(request: string, abort: AbortSignalLike | undefined, keep: Keep): Promise<Done> {
    const bytes = toBytes(request);
    try {
      return await this.#once(bytes, abort, keep);
    } catch (defect) {
      if (defect instanceof WorkloadIdentityError || abort?.aborted) throw defect;
    }
    // A trap makes an engine unusable for ever, but not its module: start over, once.
    try {
      return await this.#once(bytes, abort, keep);
    } catch (defect) {
      if (defect instanceof WorkloadIdentityError || abort?.aborted) throw defect;
      throw hostError("internal", "internal", "the core failed; please report this", defect);
    }
  }

  async #once(request: Uint8Array, abort: AbortSignalLike | undefined, keep: Keep): Promise<Done> {
    if (abort?.aborted) throw reasonOf(abort);
    const native = await nativeModule();
    // Only now: another request may have made the engine while this one waited for the module.
    const engine = (this.#engine ??= this.#start(native));
    try {
      // Not earlier: workers have no randomness outside of a request.
      if (!this.#seeded) engine.reseed(crypto.getRandomValues(new Uint8Array(32)));
      this.#seeded = true;
      return await this.#drive(engine, engine.begin(request), abort, keep);
    } catch (error) {
      if (!(error instanceof WorkloadIdentityError || abort?.aborted)) this.#discard(engine);
      throw error;
    }
  }

  async #drive(
    engine: NativeEngine,
    ticket: number,
    abort: AbortSignalLike | undefined,
    keep: Keep,
  ): Promise<Done> {
    let cause: unknown;
    try {
      for (;;) {
        if (abort?.aborted) throw reasonOf(abort);
        const step = JSON.parse(engine.poll(ticket, Date.now())) as Step;
        switch (step.step) {
          case "done":
            keep(step);
            if (step.refresh !== undefined) this.#refresh(engine, step.refresh, keep);
            return step;
          case "fail":
            throw errorOf(step.error, cause);
          case "perform": {
            const performed = await perform(step.effect, this.host, abort);
            cause = performed.cause;
            const { kind, status, head, body } = performed.outcome;
            this.#wake(engine.resolve(step.effect.id, kind, status, head, body, Date.now()));
            break;
          }
          case "wait":
            // Nothing else can run between the poll and this registration, so no wake-up is lost.
            await this.#sleep(step.flight, step.until, abort);
        }
      }
    } finally {
      this.#wake(engine.end(ticket));
    }
  }

  /** A token is at hand already, so nobody waits for this and nobody is told when it fails. */
  #refresh(engine: NativeEngine, ticket: number, keep: Keep): void {
    const quiet = () => undefined;
    const work = this.#drive(engine, ticket, undefined, keep).then(quiet, quiet);
    try {
      (this.waitUntil ?? platform().waitUntil)?.(work);
    } catch {
      // There is no request to keep alive; the token at hand is good all the same.
    }
  }

  async #sleep(flight: number, until: number, abort: AbortSignalLike | undefined): Promise<void> {
    const sleepers = this.#asleep.get(flight) ?? new Set();
    this.#asleep.set(flight, sleepers);
    let waker: (() => void) | undefined;
    try {
      await pause(until, abort, (wake) => sleepers.add((waker = wake)));
    } finally {
      if (waker) sleepers.delete(waker);
      if (sleepers.size === 0 && this.#asleep.get(flight) === sleepers) this.#asleep.delete(flight);
    }
  }

  #wake(flight: number): void {
    const sleepers = this.#asleep.get(flight);
    if (!sleepers) return;
    this.#asleep.delete(flight);
    for (const wake of sleepers) wake();
  }

  #start(native: NativeModule): NativeEngine {
    const names = JSON.parse(native.environment_names()) as string[];
    this.#seeded = false;
    try {
      return new native.Engine(toBytes(this.config(names)));
    } catch (error) {
      throw refused(error);
    }
  }

  #discard(engine: NativeEngine): void {
    if (this.#engine !== engine) return;
    this.#engine = undefined;
    for (const flight of [...this.#asleep.keys()]) this.#wake(flight);
  }
}

/** The native constructors throw the error's JSON: the addon in an `Error`, wasm as a string. */
function refused(thrown: unknown): unknown {
  const text = typeof thrown === "string" ? thrown : (thrown as Error).message;
  try {
    return errorOf(JSON.parse(text) as WireError);
  } catch {
    return thrown;
  }
}
