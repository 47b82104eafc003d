import fc from 'fast-check'
import { expect, test } from 'vitest'
import { silentLog } from '../../src/kernel/log.ts'
import { Problem } from '../../src/kernel/problem.ts'
import { DocumentPipeline } from '../../src/pipeline/document/document-pipeline.ts'
import { Journal } from '../../src/pipeline/document/journal.ts'
import { rowOf } from '../../src/pipeline/document/projection.ts'
import { itemTypes } from '../../src/pipeline/item.ts'
import { DoneSweep } from '../../src/pipeline/reconcilers/done-sweep.ts'
import { JournalCompaction } from '../../src/pipeline/reconcilers/journal-compaction.ts'
import type { StageEvent } from '../../src/pipeline/stage.ts'
import { Store } from '../../src/store/store.ts'
import { Crash, Disk, type DiskFate } from '../simulation/disk.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { Life } from '../support/mortal.ts'
import { type Deed, Model } from './model.ts'
import { anna } from './project.ts'
import { events } from './samples.ts'

/** So many random histories are lived each time; HUSKIES_SCHEDULES=5000 lives so many more. */
const histories = 100 + Number(process.env.HUSKIES_SCHEDULES ?? 0)
const retentionMs = 50

/** What becomes of a deed: it may end at its first or second durable write, before or after that. */
interface Fate {
  readonly write: number
  readonly fate: DiskFate
}
type End = 'done' | 'refused' | 'full' | 'crash before' | 'crash after'

/** The real pipeline on a disk that may be full, in programs that may end at any write. */
class Subject {
  readonly clock = new FakeClock(1_000)
  readonly #disk = new Disk()
  #life = new Life()
  store = this.#connect()
  pipeline = this.#load()

  /** Does it, and starts the next program if this one has ended. */
  async live(act: () => unknown, { write, fate }: Fate): Promise<End> {
    let writes = 0
    this.#disk.fate = () => (++writes === write ? fate : 'stored')
    try {
      await act()
      return 'done'
    } catch (error) {
      if (error instanceof Problem) return error.code === 'disk-full' ? 'full' : 'refused'
      if (!(error instanceof Crash)) throw error
      this.restart()
      return fate === 'crash before' ? 'crash before' : 'crash after'
    } finally {
      this.#disk.fate = () => 'stored'
    }
  }

  act(deed: Deed): void {
    const { pipeline } = this
    if (deed.do === 'create') pipeline.create(deed, anna)
    if (deed.do === 'apply') pipeline.apply(deed.item, deed.event, anna)
    if (deed.do === 'depend') pipeline.edit(deed.item, { dependsOn: deed.on }, anna)
    if (deed.do === 'write') pipeline.edit(deed.item, { body: deed.body }, anna)
    if (deed.do === 'delete') pipeline.delete(deed.item, anna)
    if (deed.do === 'pause') pipeline.setPaused(deed.paused, anna)
  }

  restart(): void {
    this.#life.end()
    this.#life = new Life()
    this.store = this.#connect()
    this.pipeline = this.#load()
  }

  close(): void {
    this.#disk.db.close()
  }

  #connect(): Store {
    return new Store(this.#disk.connect(this.#life))
  }

  #load(): DocumentPipeline {
    return new DocumentPipeline(this.store, this.clock, silentLog, { maxRetries: 3 })
  }
}

/** The model as it is now. */
interface Present {
  model: Model
}

function expectAlike({ model }: Present, { pipeline, store }: Subject): void {
  const items = pipeline.all()
  expect(
    new Map(
      items.map((item) => {
        const { id, type, stage, returns, dependsOn, body } = item
        const lines = pipeline.history(id).length
        return [id, { type, stage, returns, dependsOn, body, lines }]
      }),
    ),
  ).toEqual(model.items)
  for (const [id, lines] of model.deleted) {
    expect(pipeline.get(id)).toBeUndefined()
    expect(pipeline.history(id)).toHaveLength(lines)
  }
  expect(pipeline.paused).toBe(model.paused)
  const rows = store.db.prepare('SELECT * FROM pipeline_items ORDER BY id').all()
  expect(rows).toEqual(items.map(rowOf))
}

class Deeds implements fc.AsyncCommand<Present, Subject> {
  readonly #deeds: readonly Deed[]
  readonly #fate: Fate

  /** Several are one transaction: all of them are done or none. */
  constructor(deeds: readonly Deed[], fate: Fate) {
    this.#deeds = deeds
    this.#fate = fate
  }

  check(): boolean {
    return true
  }

  async run(present: Present, subject: Subject): Promise<void> {
    subject.clock.advance(1)
    const now = subject.clock.now()
    let wanted: Model | undefined = present.model
    for (const deed of this.#deeds) wanted = wanted?.after(deed, now)
    const end = await subject.live(
      () =>
        subject.store.transaction(() => {
          for (const deed of this.#deeds) subject.act(deed)
        }),
      this.#fate,
    )
    if (end === 'done' || end === 'crash after') {
      expect(wanted).toBeDefined()
      present.model = wanted ?? present.model
    } else if (end === 'refused') expect(wanted).toBeUndefined()
    expectAlike(present, subject)
  }

  toString(): string {
    return `${JSON.stringify(this.#deeds)} (${JSON.stringify(this.#fate)})`
  }
}

/** What the program does by itself: a start, the sweep of what is done, a short journal. */
class Care implements fc.AsyncCommand<Present, Subject> {
  readonly #kind: 'restart' | 'sweep' | 'compact' | 'renew'
  readonly #fate: Fate

  constructor(kind: 'restart' | 'sweep' | 'compact' | 'renew', fate: Fate) {
    this.#kind = kind
    this.#fate = fate
  }

  check(): boolean {
    return true
  }

  async run(present: Present, subject: Subject): Promise<void> {
    subject.clock.advance(10)
    if (this.#kind === 'restart') subject.restart()
    else {
      const end = await subject.live(() => this.#care(subject), this.#fate)
      const isStored = end === 'done' || end === 'crash after'
      if (this.#kind === 'sweep' && isStored) present.model = swept(present.model, subject)
    }
    expectAlike(present, subject)
  }

  async #care({ store, pipeline, clock }: Subject): Promise<void> {
    const renewIfWorn = () => store.transaction(() => pipeline.stored.renewIfWorn())
    if (this.#kind === 'renew') renewIfWorn()
    if (this.#kind === 'compact') {
      const parts = { journal: new Journal(store), clock, longestJournal: 0 }
      const compaction = new JournalCompaction({ ...parts, renewIfWorn: () => false })
      await compaction.reconcile('journal', new AbortController().signal)
    }
    if (this.#kind === 'sweep')
      await new DoneSweep({ store, pipeline, clock, retentionMs, intervalMs: 1 }).reconcile()
  }

  toString(): string {
    return `${this.#kind} (${JSON.stringify(this.#fate)})`
  }
}

function swept(model: Model, { clock }: Subject): Model {
  const now = clock.now()
  const event = { type: 'archive', reason: 'its time on the board is over' } as const
  let next = model
  for (const [item, { stage }] of model.items)
    if (stage.kind === 'done' && stage.at + retentionMs <= now)
      next = next.after({ do: 'apply', item, event }, now) ?? next
  return next
}

const item = fc.integer({ min: 1, max: 5 })
const some = fc.uniqueArray(item, { maxLength: 2 })
const event = fc.constantFrom<StageEvent>(...Object.values(events))
const way = (item: number, ...types: ('close' | 'accept' | 'reopen')[]) =>
  types.map((type) => ({ do: 'apply', item, event: events[type] }) as const)
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('create' as const),
      type: fc.constantFrom(...itemTypes),
      name: fc.constant('Thing'),
      dependsOn: some,
    }),
  },
  { weight: 9, arbitrary: fc.record({ do: fc.constant('apply' as const), item, event }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('depend' as const), item, on: some }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      item,
      body: fc.constantFrom('', 'text', '- [ ] one'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), item }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('pause' as const), paused: fc.boolean() }),
  },
)
const fate: fc.Arbitrary<Fate> = fc.record({
  write: fc.constantFrom(0, 0, 0, 1, 1),
  fate: fc.constantFrom<DiskFate>('crash before', 'crash after', 'full'),
})
const care = fc.constantFrom(
  'restart' as const,
  'sweep' as const,
  'compact' as const,
  'renew' as const,
)

test(
  'whatever happens, crashes at any write included, the pipeline is what a simple model says',
  async () => {
    const commands = fc.commands(
      [
        fc.tuple(deed, fate).map(([one, end]) => new Deeds([one], end)),
        fc.tuple(deed, fate).map(([one, end]) => new Deeds([one], end)),
        fc
          .tuple(fc.array(deed, { minLength: 2, maxLength: 4 }), fate)
          .map(([several, end]) => new Deeds(several, end)),
        fc.tuple(item, fate).map(([id, end]) => new Deeds(way(id, 'close', 'accept'), end)),
        fc.tuple(item, fate).map(([id, end]) => new Deeds(way(id, 'reopen'), end)),
        fc.tuple(care, fate).map(([kind, end]) => new Care(kind, end)),
      ],
      { maxCommands: 60, size: 'max' },
    )
    await fc.assert(
      fc.asyncProperty(commands, async (history) => {
        const subject = new Subject()
        const setup = () => ({ model: { model: new Model() }, real: subject })
        await fc.asyncModelRun(setup, history)
        subject.close()
      }),
      { numRuns: histories },
    )
  },
  30_000 + histories * 1_000,
)
