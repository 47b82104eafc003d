import { silentLog } from '../../../src/kernel/log.ts'
import { DocumentPipeline } from '../../../src/pipeline/document/document-pipeline.ts'
import { Journal } from '../../../src/pipeline/document/journal.ts'
import { snapshotHere } from '../../../src/pipeline/document/snapshot.ts'
import type { Actor } from '../../../src/pipeline/item.ts'
import { migrate } from '../../../src/store/migrations.ts'
import { Store } from '../../../src/store/store.ts'

/** How much a project holds. */
export interface Size {
  /** Items that are not archived, of which one in ten is being worked on. */
  readonly items: number
  readonly archived: number
  /** Edits, one after another, round and round the items. */
  readonly edits: number
}

export const anna: Actor = { kind: 'person', id: 'terminal:anna', name: 'Anna' }
const run: Actor = { kind: 'run', id: '17' }
const perTransaction = 5_000

const text = [
  'Greet people by their name, in the language that their browser asks for.',
  ['- [ ] says hello', '- [ ] says goodbye', '- [ ] knows three languages'].join('\n'),
  'Names come from the account. Where there is none, nobody is greeted by a name. '.repeat(3),
].join('\n\n')

/** Each call is a moment later, so that histories are dated as they are in life. */
let moment = 1_700_000_000_000
const clock = {
  now: () => moment++,
  after: () => {
    throw new Error('Nothing waits here.')
  },
}

export function openStore(file: string): Store {
  const store = Store.open(file)
  migrate(store, 0)
  return store
}

export function openPipeline(store: Store): DocumentPipeline {
  return new DocumentPipeline(store, clock, silentLog, { maxRetries: 3 })
}

/** Fills the empty `store` with a project of `size`, by the pipeline's own methods. */
export function fill(store: Store, { items, archived, edits }: Size): DocumentPipeline {
  const pipeline = openPipeline(store)
  const inTransactions = (count: number, step: (k: number) => void) => {
    for (let k = 0; k < count; k += perTransaction)
      store.transaction(() => {
        for (let j = k; j < Math.min(count, k + perTransaction); j++) step(j)
        // As the program itself does now and then, lest an old project is measured that never ran.
        if (k < archived) pipeline.stored.renewIfWorn()
      })
  }
  inTransactions(archived + items, (k) => {
    const dependsOn = k % 3 === 2 ? [k] : []
    const draft = {
      type: 'story',
      name: `Greet people by their name, part ${k}`,
      dependsOn,
    } as const
    const { id } = pipeline.create({ ...draft, body: text }, anna)
    if (k >= archived && k % 10 > 0) return
    pipeline.apply(id, { type: 'start' }, anna)
    if (k >= archived) return
    const work = { branch: `feature/item-${id}`, ahead: 2 }
    pipeline.apply(id, { type: 'qa-skipped', work }, run)
    pipeline.apply(id, { type: 'merged', commit: '5cf6f8d1f1a0a3f7e7c1a2b3c4d5e6f708192a3b' }, run)
    pipeline.apply(id, { type: 'archive', reason: 'its time on the board is over' }, run)
  })
  inTransactions(edits, (k) => {
    pipeline.edit(archived + (k % items) + 1, { name: `Greet people, version ${k}` }, anna)
  })
  return pipeline
}

/** Puts a snapshot in the place of the journal, as the program itself does it now and then. */
export async function compact(store: Store): Promise<void> {
  const journal = new Journal(store)
  const snapshot = await snapshotHere(journal.read(), new AbortController().signal)
  journal.compact(snapshot, journal.newest, clock.now())
}
