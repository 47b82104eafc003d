import { seeded } from '../support/seeded.ts'

/** All that is left to chance in a simulation, drawn from its seed. */
export class Chance {
  /** From 0 up to 1. */
  readonly number: () => number

  constructor(seed: number) {
    this.number = seeded(seed)
  }

  /** True in this share of all cases. */
  in(share: number): boolean {
    return this.number() < share
  }

  /** A whole number; both ends can come. */
  between(least: number, most: number): number {
    return least + Math.floor(this.number() * (most - least + 1))
  }

  of<T>(list: readonly T[]): T {
    const found = list[this.between(0, list.length - 1)]
    if (found === undefined) throw new Error('nothing to choose from')
    return found
  }
}
