/** A machine of the core, and what all drivers of it share: its seed, and who waits for its flights. */

import { nativeError } from "./errors.js";
import { nativeModule, platform } from "./platform.js";
import type { NativeMachine, NativeModule } from "./protocol.js";
import { sleep, type AbortSignalLike } from "./timeouts.js";

/** Followers poll so often where no other request may wake them. */
const POLL_INTERVAL_MS = 25;

/** A machine of class `M`. */
export class Machine<M extends NativeMachine> {
  #native: M | undefined;
  #seeded = false;
  /** How many outcomes the machine was given: what it knows changes with each. */
  outcomes = 0;
  /** Functions that wake the followers of a flight. */
  readonly #asleep = new Map<number, Set<() => void>>();

  /** `make` is called when the machine is needed. */
  constructor(
    private readonly make: (native: NativeModule) => M,
    /** Errors that the first request reports instead of the constructor. */
    isDeferred: (error: unknown) => boolean = () => false,
  ) {
    const native = nativeModule();
    // Where the module is at hand, a wrong configuration is reported by the constructor.
    if (native instanceof Promise) return;
    try {
      this.#native = this.#start(native);
    } catch (error) {
      if (!isDeferred(error)) throw error;
    }
  }

  /** The machine, unless its module has still to be loaded. */
  current(): M | undefined {
    if (this.#native === undefined) {
      const native = nativeModule();
      if (native instanceof Promise) return undefined;
      this.#native = this.#start(native);
    }
    return this.#seededMachine(this.#native);
  }

  /** The machine, when its module has been loaded. */
  async loaded(): Promise<M> {
    const native = await nativeModule();
    // Only now: another request may have made the machine while this one waited for the module.
    return this.#seededMachine((this.#native ??= this.#start(native)));
  }

  /** Waits until a flight is woken, at most until an instant. */
  async sleep(
    flight: number,
    until: number,
    abort: AbortSignalLike | undefined,
    background: boolean,
  ): Promise<void> {
    if (platform().flight === "per_request") {
      return sleep(Math.min(until, Date.now() + POLL_INTERVAL_MS), abort, undefined, background);
    }
    const sleepers = this.#asleep.get(flight) ?? new Set();
    this.#asleep.set(flight, sleepers);
    let waker: (() => void) | undefined;
    try {
      await sleep(until, abort, (wake) => sleepers.add((waker = wake)), background);
    } finally {
      if (waker) sleepers.delete(waker);
      if (sleepers.size === 0 && this.#asleep.get(flight) === sleepers) this.#asleep.delete(flight);
    }
  }

  wake(flight: number): void {
    const sleepers = this.#asleep.get(flight);
    if (!sleepers) return;
    this.#asleep.delete(flight);
    for (const wake of sleepers) wake();
  }

  /** A trap makes the object unusable; the next request makes a new one. */
  discard(machine: M): void {
    if (this.#native !== machine) return;
    this.#native = undefined;
    for (const flight of [...this.#asleep.keys()]) this.wake(flight);
  }

  #start(native: NativeModule): M {
    this.#seeded = false;
    try {
      return this.make(native);
    } catch (error) {
      throw nativeError(error);
    }
  }

  /** At the first request, since workers have no randomness outside of one. */
  #seededMachine(machine: M): M {
    if (!this.#seeded) machine.reseed(crypto.getRandomValues(new Uint8Array(32)));
    this.#seeded = true;
    return machine;
  }
}
