import { type Clock, pause } from '../../src/kernel/clock.ts'
import type { GateReport, Gates } from '../../src/pipeline/gates.ts'
import type { GateClass } from '../../src/pipeline/stage.ts'
import { green, red } from '../support/fake-gates.ts'
import { treeOf } from '../support/fake-trunk.ts'
import { itemAt } from '../support/fake-worktrees.ts'
import type { Files } from '../support/three-way.ts'
import { SimulatedFault } from './faults.ts'
import type { World } from './world.ts'

/** The person's own checkout, where anything may change at any time. */
export const checkout = '/checkout'

/** One program's gates: they take a while, judge what is there, and see when it is not left alone. */
export class SimulatedGates implements Gates {
  readonly #world: World
  readonly #clock: Clock
  readonly #under = new Set<string>()

  constructor(world: World, clock: Clock) {
    this.#world = world
    this.#clock = clock
  }

  async run(key: string, directory: string, signal: AbortSignal): Promise<GateReport> {
    signal.throwIfAborted()
    if (this.#under.has(key)) this.#world.breaks(`two runs of the gates of ${key} at once`)
    this.#under.add(key)
    try {
      const begun = this.#files(directory)
      const wasStill = this.#seeNobodyAtWork(directory)
      await pause(this.#clock, this.#world.delay() * this.#world.chance.between(1, 50), signal)
      signal.throwIfAborted()
      const isStill = this.#seeNobodyAtWork(directory) && wasStill
      const files = this.#files(directory)
      if (isStill && (!begun || !files || treeOf(files) !== treeOf(begun)))
        this.#world.breaks(`${directory} was changed while its gates judged it`)
      return this.#judge(key, files ?? new Map())
    } finally {
      this.#under.delete(key)
    }
  }

  #judge(key: string, files: Files): GateReport {
    const world = this.#world
    if (world.goesWrong('gates', () => `the gates of ${key} cannot be run`))
      throw new SimulatedFault('the gates cannot be run')
    const flaky = world.goesWrong('flakes', () => `the gates of ${key} flake`)
    const failing = flaky ? 'test' : failingStep(files)
    world.trace(() => `gates of ${key}: ${failing ?? 'green'}`)
    if (failing) return red(failing)
    if (key.startsWith('merge')) world.greenTrees.add(treeOf(files))
    return green
  }

  #files(directory: string): Files | undefined {
    const { base, worktrees } = this.#world
    const item = itemAt(directory)
    if (directory === checkout) return base.head.files
    if (item === undefined) return base.checkedOut.get(directory)
    return worktrees.branches.get(worktrees.find(item)?.branch ?? '')?.files
  }

  /**
   * Whether nothing can change in the folder: nobody lives on an item that is judged. People may
   * have the gates run while an agent is at work, too.
   */
  #seeNobodyAtWork(directory: string): boolean {
    if (directory === checkout) return false
    const item = itemAt(directory)
    if (item === undefined) return true
    const { disk } = this.#world
    const judged = disk.db
      .prepare(`SELECT 1 FROM runs WHERE item = ? AND state = 'exited' AND role <> 'other'`)
      .get(item)
    const living = this.#world.living('HUSKIES_ITEM', String(item))
    if (judged && living.length > 0) this.#world.breaks(`${living} lives while #${item} is judged`)
    return judged !== undefined
  }
}

function failingStep(files: Files): GateClass | undefined {
  for (const text of files.values())
    if (text.startsWith('bad-')) return text.slice('bad-'.length) as GateClass
  const [one, other] = [files.get('pair-a'), files.get('pair-b')]
  return one !== undefined && other !== undefined && one !== other ? 'build' : undefined
}
