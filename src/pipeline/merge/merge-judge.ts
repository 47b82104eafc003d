import type { GateRecords } from '../gates/gate-records.ts'
import type { GateReport, Gates } from '../gates.ts'
import type { GateFailure } from '../stage.ts'
import type { Squash, Trunk } from '../trunk.ts'

export interface MergeJudgeOptions {
  readonly trunk: Pick<Trunk, 'checkOut'>
  readonly gates: Gates
  readonly gateRecords: GateRecords
  /** Whether tests that are red are run once more on the same tree before that counts. */
  readonly repeatOnce: boolean
}

/** Has the gates judge what is to land, and remembers what they have passed while it waits. */
export class MergeJudge {
  readonly #trunk: MergeJudgeOptions['trunk']
  readonly #gates: Gates
  readonly #records: GateRecords
  readonly #repeatOnce: boolean
  readonly #passed = new Map<number, string>()

  constructor({ trunk, gates, gateRecords, repeatOnce }: MergeJudgeOptions) {
    this.#trunk = trunk
    this.#gates = gates
    this.#records = gateRecords
    this.#repeatOnce = repeatOnce
  }

  /** Whether the gates have passed exactly this, and it waits to land. */
  hasPassed(item: number, { tree }: Squash): boolean {
    return this.#passed.get(item) === tree
  }

  /** The step that failed before what the gates passed last was repeated, where one did. */
  repeated(item: number): string | undefined {
    const record = this.#records.of(item)
    return record?.place === 'merge' && record.passed ? record.step : undefined
  }

  forget(item: number): void {
    this.#passed.delete(item)
  }

  forgetAllBut(items: ReadonlySet<number>): void {
    for (const id of this.#passed.keys()) if (!items.has(id)) this.#passed.delete(id)
  }

  /**
   * What keeps exactly this tree from landing; undefined when it may. One that has passed already is
   * not judged again. What is judged at the same time has a lane of its own. Rejects when the signal
   * cancels it.
   */
  async judge(
    item: number,
    squash: Squash,
    signal: AbortSignal,
    lane = 0,
  ): Promise<GateFailure | undefined> {
    const { tree } = squash
    if (this.hasPassed(item, squash)) return undefined
    const first = await this.#run(squash, signal, lane)
    // On its own branch the item was green, so that a red test may be one that fails now and then.
    const suspect = this.#repeatOnce && !first.passed && first.failure.class === 'test'
    const report = suspect ? await this.#run(squash, signal, lane) : first
    const repeated = suspect ? first.failure.step : undefined
    this.#records.keep(item, { place: 'merge', tree }, report, repeated)
    if (!report.passed) return report.failure
    this.#passed.set(item, tree)
    return undefined
  }

  async #run(squash: Squash, signal: AbortSignal, lane: number): Promise<GateReport> {
    const directory = await this.#trunk.checkOut(squash, lane)
    return this.#gates.run(lane === 0 ? 'merge' : `merge-${lane + 1}`, directory, signal)
  }
}
