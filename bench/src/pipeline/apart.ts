import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import * as Y from 'yjs'
import { systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { Journal } from '../../../src/pipeline/document/journal.ts'
import { Owner } from '../../../src/pipeline/document/owner.ts'
import { Replica } from '../../../src/pipeline/document/replica.ts'
import { anna, fill, openStore } from './project.ts'

export interface ApartInput {
  /** How much the owner changes while nobody hears it. */
  readonly writes: number
  /** How much is asked for on each of two other nodes meanwhile. */
  readonly requests: number
  readonly rounds: number
}

/** One entry for each round; times in ms. */
export interface ApartResult {
  /** Until both nodes have all that the owner wrote. */
  readonly catchUp: readonly number[]
  /** The same with Yjs alone, in memory: encoding what is missing, and applying it, for both. */
  readonly catchUpLimit: readonly number[]
  /** What the owner sent, in bytes for each of them. */
  readonly bytes: number
  readonly bytesLimit: number
  /** Until all that was asked for is applied, answered, and known everywhere. */
  readonly answer: readonly number[]
}

const by = { kind: 'person', id: 'terminal:anna', name: 'Anna' } as const

/** Three nodes of one project that were apart for some time, and meet again. */
export async function measure({ writes, requests, rounds }: ApartInput): Promise<ApartResult> {
  const store = openStore(':memory:')
  const pipeline = fill(store, { items: 1_000, archived: 0, edits: 0 })
  const owner = new Owner({ store, clock: systemClock, pipeline })
  const nodes = [openReplica(), openReplica()]
  const meet = () => {
    for (const node of nodes) node.take(owner.serve(node.ask()))
  }
  meet()
  const results = { catchUp: [0], catchUpLimit: [0], answer: [0] }
  let [bytes, bytesLimit] = [0, 0]
  for (let round = 0; round <= rounds; round++) {
    const seen = nodes.map(({ stored }) => stored.document.stateVector())
    const copies = nodes.map(({ stored }) => documentOf([stored.document.snapshot()]))
    store.transaction(() => {
      for (let k = 0; k < writes; k++)
        pipeline.edit((k % 1_000) + 1, { name: `Version ${round}.${k}` }, anna)
    })
    const whole = documentOf(new Journal(store).read())
    results.catchUpLimit[round] = timed(() => {
      for (const [k, copy] of copies.entries()) {
        const missing = Y.encodeStateAsUpdate(whole, seen[k])
        bytesLimit = missing.length
        Y.applyUpdate(copy, missing)
      }
    })
    results.catchUp[round] = timed(() => {
      for (const node of nodes) {
        const reply = owner.serve(node.ask())
        bytes = reply.length
        node.take(reply)
      }
    })
    for (const node of nodes)
      for (let k = 0; k < requests; k++) {
        const patch = { name: `Asked for ${round}.${k}` }
        node.request({ by, role: 'member', deed: { kind: 'edit', item: (k % 1_000) + 1, patch } })
      }
    results.answer[round] = timed(() => {
      while (nodes.some((node) => node.requests().some(({ answer }) => !answer))) meet()
      meet()
    })
  }
  // The first round warms up.
  const rest = (times: readonly number[]) => times.slice(1)
  const { catchUp, catchUpLimit, answer } = results
  return {
    ...{ catchUp: rest(catchUp), catchUpLimit: rest(catchUpLimit), answer: rest(answer) },
    ...{ bytes, bytesLimit },
  }
}

function openReplica(): Replica {
  const store = openStore(':memory:')
  const world = { store, clock: systemClock, log: silentLog }
  return new Replica({ ...world, owner: 'owner', newId: randomUUID })
}

function documentOf(updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc()
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update)
  })
  return doc
}

function timed(act: () => void): number {
  const start = performance.now()
  act()
  return performance.now() - start
}
