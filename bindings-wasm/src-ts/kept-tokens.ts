/** The tokens that an object hands out again without asking the core. */

/** How many tokens the objects of one cache keep together. */
export class KeptBound {
  /** Incremented when all objects have to forget theirs. */
  generation = 0;
  #count = 0;

  constructor(readonly most = 10_000) {}

  /** Counts one more token. */
  add(): void {
    // The core has the real cache; this one only saves the way there, so forgetting is cheap.
    if (this.#count >= this.most) this.clear();
    this.#count += 1;
  }

  /** Makes all objects forget their tokens, because the core has a newer one. */
  clear(): void {
    this.#count = 0;
    this.generation += 1;
  }
}

interface Kept<T> {
  readonly answer: T;
  /** Unix seconds, since an integer of that size lies in the object itself. */
  readonly freshUntil: number;
}

/** The tokens of one object by request. */
export class KeptTokens<T> {
  #generation = 0;
  readonly #kept = new Map<string, Kept<T>>();

  constructor(private readonly bound: KeptBound) {}

  /** A token that may be handed out now. */
  find(key: string): T | undefined {
    const kept = this.#kept.get(key);
    const isFresh = kept && this.#generation === this.bound.generation && Date.now() < kept.freshUntil * 1000;
    return isFresh ? kept.answer : undefined;
  }

  /** `freshUntil` is in unix milliseconds. */
  keep(key: string, answer: T, freshUntil: number): void {
    if (this.bound.most <= 0) return;
    this.#forget();
    if (!this.#kept.has(key)) this.bound.add();
    this.#forget();
    this.#kept.set(key, { answer, freshUntil: Math.floor(freshUntil / 1000) });
  }

  #forget(): void {
    if (this.#generation === this.bound.generation) return;
    this.#kept.clear();
    this.#generation = this.bound.generation;
  }
}
