import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { silentLog } from '../../src/kernel/log.ts'
import { DocumentPipeline } from '../../src/pipeline/document/document-pipeline.ts'
import type { Actor } from '../../src/pipeline/item.ts'
import { openDatabase } from '../../src/projects/database.ts'
import type { Store } from '../../src/store/store.ts'
import { FakeClock } from '../support/fake-clock.ts'

export const anna: Actor = { kind: 'person', id: 'terminal:anna', name: 'Anna' }
export const now = Date.UTC(2030, 5, 7, 8, 9, 10)

/** A folder with the database of one project, which goes with the test. */
export class StateFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'huskies-state-'))
  readonly file = join(this.path, 'pipeline.db')

  constructor() {
    onTestFinished(() => rmSync(this.path, { recursive: true }))
  }

  /** What a start of the program makes of the files, and a stop leaves of them. */
  start<T>(use: (pipeline: DocumentPipeline, store: Store) => T): T {
    const { store, head } = openDatabase(this.path, now)
    try {
      const clock = new FakeClock(now)
      return use(new DocumentPipeline(store, clock, silentLog, { maxRetries: 3, head }), store)
    } finally {
      store.close()
    }
  }

  /** The same, but the files are left as by a `kill -9`: the newest changes are in the log only. */
  crash(use: (pipeline: DocumentPipeline) => void): void {
    const copy = mkdtempSync(join(tmpdir(), 'huskies-crashed-'))
    this.start((pipeline) => {
      use(pipeline)
      for (const name of this.names()) copyFileSync(join(this.path, name), join(copy, name))
    })
    for (const name of readdirSync(copy)) copyFileSync(join(copy, name), join(this.path, name))
    rmSync(copy, { recursive: true })
  }

  names(): string[] {
    return readdirSync(this.path).sort()
  }
}

/** Four items and a deleted one, in eight changes. */
export function fill(pipeline: DocumentPipeline): void {
  for (let id = 1; id <= 3; id += 1)
    pipeline.create({ type: 'story', name: `item ${id}`, body: `text ${id}\n- [ ] one` }, anna)
  pipeline.create({ type: 'bug', name: 'a mistake' }, anna)
  pipeline.apply(1, { type: 'start' }, anna)
  pipeline.apply(2, { type: 'close' }, anna)
  pipeline.delete(4, anna)
  pipeline.create({ type: 'bug', name: 'the last', dependsOn: [2] }, anna)
}

/** All that the pipeline says, and the sentence that people are told where it had to be mended. */
export function told(pipeline: DocumentPipeline) {
  return {
    items: pipeline.all(),
    histories: [1, 2, 3, 4, 5].map((id) => pipeline.history(id)),
    sentence: pipeline.pausedBecause,
  }
}
