import { Problem } from '../../kernel/problem.ts'
import type { Item } from '../item.ts'
import type { GateFailure } from '../stage.ts'
import type { Squash, SquashResult } from '../trunk.ts'
import type { MergeJudge } from './merge-judge.ts'

/** An item and the commit that it is to land as, on top of the one before it. */
export interface Car {
  readonly item: Item
  readonly squash: Squash
}

/**
 * Items that are judged at the same time, each as the tree that it is to land as if all before it
 * land first. A verdict counts only once they have.
 */
export class MergeTrain {
  readonly cars: readonly Car[]
  readonly #judge: MergeJudge
  readonly #callOffs: readonly AbortController[]
  #landed = 0
  #verdicts: readonly Promise<GateFailure | undefined>[] = []

  constructor(cars: readonly Car[], judge: MergeJudge) {
    this.cars = cars
    this.#judge = judge
    this.#callOffs = cars.map(() => new AbortController())
  }

  /** Begins to judge all of them. */
  start(signal: AbortSignal): void {
    this.#verdicts = this.cars.map(async ({ item, squash }, lane) => {
      const calledOff = this.#callOffs[lane]?.signal ?? signal
      const either = AbortSignal.any([signal, calledOff])
      const red = await this.#judge.judge(item.id, squash, either, lane)
      // Whatever comes after a red one holds its work too, and is going to be built without it.
      if (red) this.callOff(lane + 1)
      return red
    })
    // They are awaited one after the other: one that fails early must not count as forgotten.
    for (const verdict of this.#verdicts) verdict.catch(() => {})
  }

  /** The car with this number, from 0. */
  at(index: number): Car {
    const car = this.cars[index]
    if (!car) throw new Error(`the train has no car ${index}`)
    return car
  }

  /** What the gates say of the car. Rejects when it was called off. */
  async verdict(index: number): Promise<GateFailure | undefined> {
    return this.#verdicts[index]
  }

  /** Whether nobody waits for the car's verdict any more. */
  isCalledOff(index: number): boolean {
    return this.#callOffs[index]?.signal.aborted === true
  }

  /** Ends the gates of this car and of those after it. */
  callOff(from: number): void {
    for (const callOff of this.#callOffs.slice(from)) callOff.abort()
  }

  /** The first so many have landed: whatever becomes of their items is nothing to those behind. */
  landed(count: number): void {
    this.#landed = count
  }

  /** The item has left the queue: it and all after it are called off. */
  leave(item: number): void {
    const index = this.cars.findIndex((car) => car.item.id === item)
    if (index >= this.#landed) this.callOff(index)
  }

  /** Resolves when no gates of it run any more. */
  async stop(): Promise<void> {
    this.callOff(0)
    await Promise.allSettled(this.#verdicts)
  }
}

/**
 * Couples to the first car as many of `followers` as can be squashed on one another. The first that
 * cannot ends the train: whether that is its own fault is seen when it comes first itself.
 */
export async function couple(
  first: Car,
  followers: readonly Item[],
  squash: (item: Item, onto: Squash) => Promise<SquashResult>,
): Promise<readonly Car[]> {
  const cars = [first]
  let last = first
  for (const item of followers) {
    const result = await squash(item, last.squash).catch((error: unknown) => {
      if (error instanceof Problem) return undefined
      throw error
    })
    if (result?.kind !== 'squashed') break
    last = { item, squash: result.squash }
    cars.push(last)
  }
  return cars
}
