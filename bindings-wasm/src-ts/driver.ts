/** The loop of `docs/protocol.md`: begin, poll, perform or wait, resolve, end. All decisions are the core's. */

import { perform, type Host } from "./effects.js";
import { errorOf, hostError, WorkloadIdentityError } from "./errors.js";
import { pause, reasonOf, type AbortSignalLike } from "./patience.js";
import { nativeModule, platform, type Ability } from "./platform.js";
import {
  toBytes,
  type AnyDone,
  type NativeMachine,
  type NativeModule,
  type Step,
  type WireError,
} from "./protocol.js";

/** Told about every answer, also those of background refreshes. */
export type Keep<D> = (done: D) => void;

/** Followers look again so often where no other request may wake them. */
const glanceMs = 25;

/** Drives machines of type `M`, whose answers are `D`. */
export class Driver<M extends NativeMachine, D extends AnyDone> {
  #machine: M | undefined;
  #seeded = false;
  /** The wake board: who sleeps on which flight. */
  readonly #asleep = new Map<number, Set<() => void>>();

  /** `make` is called when the machine is needed. */
  constructor(
    private readonly ability: Ability,
    private readonly make: (native: NativeModule) => M,
    private readonly host: Host,
    private readonly waitUntil: ((work: Promise<unknown>) => void) | undefined,
  ) {
    const native = nativeModule(ability);
    // Where the module is at hand, a wrong configuration is reported by the constructor.
    if (!(native instanceof Promise)) this.#machine = this.#start(native);
  }

  /** The machine, unless its module has still to be loaded. */
  atHand(): M | undefined {
    if (this.#machine === undefined) {
      const native = nativeModule(this.ability);
      if (native instanceof Promise) return undefined;
      this.#machine = this.#start(native);
    }
    return this.#seededMachine(this.#machine);
  }

  /** The machine, when its module has been loaded. */
  async loaded(): Promise<M> {
    const native = await nativeModule(this.ability);
    // Only now: another request may have made the machine while this one waited for the module.
    return this.#seededMachine((this.#machine ??= this.#start(native)));
  }

  /** Drives one request to its end. Throws a `WorkloadIdentityError` or the reason of `abort`. */
  async acquire(request: string, abort?: AbortSignalLike, keep: Keep<D> = ignore): Promise<D> {
    const bytes = toBytes(request);
    try {
      return await this.#once(bytes, abort, keep);
    } catch (defect) {
      if (defect instanceof WorkloadIdentityError || abort?.aborted) throw defect;
    }
    // A trap makes a machine unusable for ever, but not its module: start over, once.
    try {
      return await this.#once(bytes, abort, keep);
    } catch (defect) {
      if (defect instanceof WorkloadIdentityError || abort?.aborted) throw defect;
      throw hostError("internal", "internal", "the core failed; please report this", defect);
    }
  }

  async #once(request: Uint8Array, abort: AbortSignalLike | undefined, keep: Keep<D>): Promise<D> {
    if (abort?.aborted) throw reasonOf(abort);
    const machine = await this.loaded();
    try {
      return await this.#drive(machine, machine.begin(request), abort, keep);
    } catch (error) {
      if (!(error instanceof WorkloadIdentityError || abort?.aborted)) this.discard(machine);
      throw error;
    }
  }

  async #drive(
    machine: M,
    ticket: number,
    abort: AbortSignalLike | undefined,
    keep: Keep<D>,
  ): Promise<D> {
    let cause: unknown;
    try {
      for (;;) {
        if (abort?.aborted) throw reasonOf(abort);
        const step = JSON.parse(machine.poll(ticket, Date.now())) as Step<D>;
        switch (step.step) {
          case "done":
            keep(step);
            if (step.refresh !== undefined) this.refresh(machine, step.refresh, keep);
            return step;
          case "fail":
            throw errorOf(step.error, cause);
          case "perform": {
            const performed = await perform(step.effect, this.host, abort);
            cause = performed.cause;
            const { kind, status, head, body } = performed.outcome;
            this.#wake(machine.resolve(step.effect.id, kind, status, head, body, Date.now()));
            break;
          }
          case "wait":
            // Nothing else can run between the poll and this registration, so no wake-up is lost.
            await this.#sleep(step.flight, step.until, abort);
        }
      }
    } finally {
      this.#wake(machine.end(ticket));
    }
  }

  /** An answer is at hand already, so nobody waits for this and nobody is told when it fails. */
  refresh(machine: M, ticket: number, keep: Keep<D> = ignore): void {
    const quiet = () => undefined;
    const work = this.#drive(machine, ticket, undefined, keep).then(quiet, quiet);
    try {
      (this.waitUntil ?? platform().waitUntil)?.(work);
    } catch {
      // There is no request to keep alive; what is at hand is good all the same.
    }
  }

  async #sleep(flight: number, until: number, abort: AbortSignalLike | undefined): Promise<void> {
    if (platform().flight === "per_request") {
      return pause(Math.min(until, Date.now() + glanceMs), abort);
    }
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

  #start(native: NativeModule): M {
    this.#seeded = false;
    try {
      return this.make(native);
    } catch (error) {
      throw refused(error);
    }
  }

  /** Not earlier: workers have no randomness outside of a request. */
  #seededMachine(machine: M): M {
    if (!this.#seeded) machine.reseed(crypto.getRandomValues(new Uint8Array(32)));
    this.#seeded = true;
    return machine;
  }

  /** A trap makes a machine unusable for ever; the next request makes a new one. */
  discard(machine: M): void {
    if (this.#machine !== machine) return;
    this.#machine = undefined;
    for (const flight of [...this.#asleep.keys()]) this.#wake(flight);
  }
}

const ignore = () => undefined;

/** The native functions throw the error's JSON: the addon in an `Error`, wasm as a string. */
export function refused(thrown: unknown): unknown {
  const text = typeof thrown === "string" ? thrown : (thrown as Error).message;
  try {
    return errorOf(JSON.parse(text) as WireError);
  } catch {
    return thrown;
  }
}
