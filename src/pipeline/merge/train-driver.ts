import type { Item } from '../item.ts'
import type { Pipeline } from '../pipeline.ts'
import type { Squash, SquashResult, Trunk } from '../trunk.ts'
import type { MergeJudge } from './merge-judge.ts'
import { mergeSubject } from './merge-subject.ts'
import { type Car, couple, MergeTrain } from './merge-train.ts'
import type { MergeTurns } from './merge-turns.ts'
import { listed } from './waiting.ts'

export interface TrainDriverOptions {
  readonly pipeline: Pick<Pipeline, 'changed'>
  readonly trunk: Trunk
  readonly judge: MergeJudge
  readonly turns: MergeTurns
}

/** `moved`: somebody else has moved the base branch, so that all is to be built and judged anew. */
type Ride = 'over' | 'moved'

/** Squashes items, has them judged, and lands what passes: one, or several as a train. */
export class TrainDriver {
  readonly #pipeline: TrainDriverOptions['pipeline']
  readonly #trunk: Trunk
  readonly #judge: MergeJudge
  readonly #turns: MergeTurns

  constructor({ pipeline, trunk, judge, turns }: TrainDriverOptions) {
    this.#pipeline = pipeline
    this.#trunk = trunk
    this.#judge = judge
    this.#turns = turns
  }

  /** One try to land the item, and with it those of `followers` that can be squashed on it. */
  async drive(item: Item, followers: readonly Item[], signal: AbortSignal): Promise<Ride> {
    const result = await this.#squash(item)
    if (result.kind === 'conflict')
      this.#turns.fail(item, { kind: 'conflict', detail: listed(result.files) })
    else if (result.kind !== 'squashed') await this.#turns.failEmpty(item, result.kind)
    else {
      const first = { item, squash: result.squash }
      // What has passed already waits for a person: any behind it would be judged in vain.
      const others = this.#judge.hasPassed(item.id, first.squash) ? [] : followers
      const cars = await couple(first, others, (each, onto) => this.#squash(each, onto))
      return this.#ride(cars, signal)
    }
    return 'over'
  }

  #squash(item: Item, onto?: Squash): Promise<SquashResult> {
    return this.#trunk.squash(branchOf(item), mergeSubject(item), onto)
  }

  /** Lands what passes, in order, until one does not. */
  async #ride(cars: readonly Car[], signal: AbortSignal): Promise<Ride> {
    const train = new MergeTrain(cars, this.#judge)
    for (const { item } of cars) this.#turns.begin(item)
    const deaf = this.#pipeline.changed.listen((id) => {
      const car = cars.find(({ item }) => item.id === id)
      if (car && !this.#turns.isOn(car.item)) train.leave(id)
    })
    try {
      train.start(signal)
      for (const index of cars.keys()) {
        const arrival = await this.#arrive(train, index, signal)
        if (arrival !== 'landed') return arrival
      }
      return 'over'
    } finally {
      deaf()
      await train.stop()
    }
  }

  async #arrive(train: MergeTrain, index: number, signal: AbortSignal): Promise<Ride | 'landed'> {
    const { item, squash } = train.at(index)
    const red = await train.verdict(index).catch((error: unknown) => {
      // What fails unexpectedly behind the first is met again when it comes first itself.
      if (signal.aborted || (index === 0 && !train.isCalledOff(index))) throw error
      return 'called off' as const
    })
    if (red === 'called off' || !this.#turns.isOn(item)) return 'over'
    if (red) {
      this.#turns.failGate(item, red)
      return 'over'
    }
    const result = await this.#trunk.land(item.id, squash)
    if (result.kind === 'landed') train.landed(index + 1)
    this.#turns.conclude(item, result)
    return result.kind === 'landed' || result.kind === 'moved' ? result.kind : 'over'
  }
}

function branchOf({ stage }: Item): string {
  if (stage.kind !== 'merge') throw new Error(`nothing to merge in ${stage.kind}`)
  return stage.work.branch
}
