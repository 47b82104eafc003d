import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import * as Y from 'yjs'
import { systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { board } from '../../../src/pipeline/board.ts'
import type { DocumentPipeline } from '../../../src/pipeline/document/document-pipeline.ts'
import { Journal } from '../../../src/pipeline/document/journal.ts'
import { branchOf } from '../../../src/pipeline/item.ts'
import { DependencyPromotion } from '../../../src/pipeline/reconcilers/dependency-promotion.ts'
import { DoneSweep } from '../../../src/pipeline/reconcilers/done-sweep.ts'
import { ReconcilerEngine } from '../../../src/pipeline/reconcilers/engine.ts'
import { JournalCompaction } from '../../../src/pipeline/reconcilers/journal-compaction.ts'
import { WorktreeCleanup } from '../../../src/pipeline/reconcilers/worktree-cleanup.ts'
import { WorktreeCreate } from '../../../src/pipeline/reconcilers/worktree-create.ts'
import { renderBoard } from '../../../src/pipeline/render-board.ts'
import type { Worktree, Worktrees } from '../../../src/pipeline/worktrees.ts'
import type { Store } from '../../../src/store/store.ts'
import { temporaryFolder } from '../folder.ts'
import { anna, compact, fill, openPipeline, openStore, type Size } from './project.ts'

export interface PipelineInput {
  readonly size: Size
  readonly rounds: number
}

/** Times in ms, one for each round. */
export interface PipelineResult {
  /** The journal as it was written, and in the end a snapshot of it. */
  readonly journal: StartResult
  readonly snapshot: StartResult
  readonly board: readonly number[]
  readonly boardLimit: readonly number[]
  readonly transition: readonly number[]
  readonly transitionLimit: readonly number[]
  readonly idlePass: readonly number[]
  readonly idlePassLimit: readonly number[]
  /** Rows that all idle passes together have written. */
  readonly idleWrites: number
  readonly residentMb: number
}

export interface StartResult {
  readonly updates: number
  readonly megabytes: number
  readonly start: readonly number[]
  readonly limit: readonly number[]
}

export async function measure({ size, rounds }: PipelineInput): Promise<PipelineResult> {
  using folder = temporaryFolder('pipeline')
  const store = openStore(join(folder.path, 'pipeline.db'))
  fill(store, size)
  const journal = measureStarts(store, rounds)
  await compact(store)
  const snapshot = measureStarts(store, rounds)
  const pipeline = openPipeline(store)
  const calls = rounds * 10
  const idle = await measureIdle(store, pipeline, calls)
  const found = (id: number) => pipeline.get(id)
  const result = {
    journal,
    snapshot,
    board: timed(calls, () => renderBoard(board(pipeline.live(), { find: found, most: 30 }))),
    boardLimit: timed(calls, () =>
      pipeline.live().filter(({ stage }) => stage.kind !== 'archived'),
    ),
    ...idle,
    ...measureTransitions(store, pipeline, calls),
    residentMb: process.memoryUsage().rss / 1e6,
  }
  store.close()
  return result
}

/** Both in turn, since the machine may be busier now than in a moment. */
function measureStarts(store: Store, rounds: number): StartResult {
  const updates = new Journal(store).read()
  const start: number[] = []
  const limit: number[] = []
  for (let k = 0; k < rounds; k++) {
    limit.push(...timed(1, () => replay(new Journal(store).read())))
    start.push(...timed(1, () => openPipeline(store)))
  }
  const bytes = updates.reduce((sum, { length }) => sum + length, 0)
  return { updates: updates.length, megabytes: bytes / 1e6, start, limit }
}

/** The least that a start could do: reading the journal into a document of Yjs. */
function replay(updates: readonly Uint8Array[]): void {
  const doc = new Y.Doc()
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update)
  })
}

function measureTransitions(store: Store, pipeline: DocumentPipeline, calls: number) {
  const waiting = pipeline.inStage('backlog').values()
  const insert = store.db.prepare('INSERT INTO landings VALUES (?, ?, ?, ?)')
  let rows = 0
  return {
    transition: timed(calls, () => {
      const { value } = waiting.next()
      if (value) pipeline.apply(value.id, { type: 'start' }, anna)
    }),
    /** Some 500 bytes in a transaction, by SQLite alone. */
    transitionLimit: timed(calls, () => insert.run(++rows, 'x'.repeat(250), 'y'.repeat(250), 0)),
  }
}

/** A pass of the reconcilers that look at every item, with nothing to do. */
async function measureIdle(store: Store, pipeline: DocumentPipeline, calls: number) {
  const worktrees = worktreesOf(pipeline)
  const surroundings = { clock: systemClock, random: () => 0.5, log: silentLog }
  const engine = new ReconcilerEngine(surroundings, 3_600_000)
  engine.add(new DependencyPromotion(pipeline))
  engine.add(
    new DoneSweep({
      ...{ store, pipeline, clock: systemClock },
      ...{ retentionMs: 3_600_000, intervalMs: 60_000 },
    }),
  )
  engine.add(new WorktreeCreate(pipeline, worktrees, () => {}))
  engine.add(new WorktreeCleanup(pipeline, worktrees, () => false))
  const journal = new Journal(store)
  engine.add(new JournalCompaction({ journal, clock: systemClock, renewIfWorn: () => false }))
  engine.start()
  await engine.whenIdle()
  const writes = store.db.prepare<[], number>('SELECT total_changes()').pluck()
  const before = writes.get() ?? 0
  const idlePass: number[] = []
  for (let k = 0; k < calls; k++) {
    const start = performance.now()
    engine.hintAll()
    await engine.whenIdle()
    idlePass.push(performance.now() - start)
  }
  const idleWrites = (writes.get() ?? 0) - before
  await engine.stop()
  const idlePassLimit = timed(calls, () => {
    let active = 0
    for (const { stage } of pipeline.live()) if (stage.kind === 'coding') active += 1
    return active
  })
  return { idlePass, idlePassLimit, idleWrites }
}

/** Every item that is worked on has its worktree already; whatever else is asked of them is a mistake. */
function worktreesOf(pipeline: DocumentPipeline): Worktrees {
  const there = new Map<number, Worktree>(
    pipeline
      .inStage('coding')
      .map((item) => [item.id, { item: item.id, path: '', branch: branchOf(item) }]),
  )
  const never = () => {
    throw new Error('There was nothing to do.')
  }
  return {
    ensure: never,
    state: never,
    diff: never,
    changes: never,
    mergeBase: never,
    unlock: never,
    remove: never,
    recover: never,
    find: (item) => there.get(item),
    all: () => [...there.values()],
  }
}

function timed(calls: number, act: () => unknown): number[] {
  return Array.from({ length: calls }, () => {
    const start = performance.now()
    act()
    return performance.now() - start
  })
}
