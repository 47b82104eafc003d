import { onTestFinished } from 'vitest'
import type { Log } from '../../src/kernel/log.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { DocumentPipeline } from '../../src/pipeline/document/document-pipeline.ts'
import type { Actor } from '../../src/pipeline/item.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { memoryStore } from '../support/memory-store.ts'

export const anna: Actor = { kind: 'person', id: 'terminal:anna', name: 'Anna' }

/** A pipeline of its own for one test, over a database in memory that the test's end closes. */
export function project({ maxRetries = 3 } = {}) {
  const store = memoryStore()
  onTestFinished(() => store.close())
  const clock = new FakeClock(1_000)
  /** What a start of the program makes of the same database. */
  const load = (log: Log = silentLog) => new DocumentPipeline(store, clock, log, { maxRetries })
  return { store, clock, load, pipeline: load() }
}
