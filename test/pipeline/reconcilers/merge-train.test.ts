import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { silentLog } from '../../../src/kernel/log.ts'
import { DocumentPipeline } from '../../../src/pipeline/document/document-pipeline.ts'
import { GateRecords } from '../../../src/pipeline/gates/gate-records.ts'
import type { GateReport, Gates } from '../../../src/pipeline/gates.ts'
import type { Actor } from '../../../src/pipeline/item.ts'
import { MergeJudge } from '../../../src/pipeline/merge/merge-judge.ts'
import { MergeQueue } from '../../../src/pipeline/reconcilers/merge-queue.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { green, red } from '../../support/fake-gates.ts'
import { GitRooms } from '../../support/git-rooms.ts'
import type { Files } from '../../support/repository.ts'
import { seeded } from '../../support/seeded.ts'

const anna: Actor = { kind: 'person', id: 'terminal:anna' }
const never = new AbortController().signal

/** Gates that say nothing before they are told to, and refuse two trees in one folder at once. */
class HeldGates implements Gates {
  readonly held: { readonly directory: string; readonly release: () => void }[] = []
  readonly passed = new Set<string>()
  runs = 0
  most = 0
  readonly #fixture: GitRooms['fixture']

  constructor(fixture: GitRooms['fixture']) {
    this.#fixture = fixture
  }

  async run(_key: string, directory: string, signal: AbortSignal): Promise<GateReport> {
    signal.throwIfAborted()
    if (this.held.some((each) => each.directory === directory)) throw new Error('two in one folder')
    this.runs += 1
    const tree = this.#tree(directory)
    await new Promise<void>((resolve, reject) => {
      const one = { directory, release: resolve }
      this.held.push(one)
      this.most = Math.max(this.most, this.held.length)
      signal.addEventListener('abort', () => {
        this.forget(one)
        reject(signal.reason)
      })
    })
    expect(this.#tree(directory)).toBe(tree)
    if (existsSync(join(directory, 'bad.txt'))) return red('test')
    this.passed.add(tree)
    return green
  }

  forget(one: (typeof this.held)[number]): void {
    const index = this.held.indexOf(one)
    if (index >= 0) this.held.splice(index, 1)
  }

  #tree(directory: string): string {
    expect(this.#fixture.status(directory)).toBe('')
    return this.#fixture.git(['rev-parse', 'HEAD^{tree}'], directory)
  }
}

/** Items in merge with these changes, and a queue that judges so many at a time. */
function open(work: readonly Files[], batch: number) {
  const rooms = GitRooms.open()
  const { fixture, store, trunk } = rooms
  const clock = new FakeClock(1_000)
  const pipeline = new DocumentPipeline(store, clock, silentLog, { maxRetries: 3 })
  const gates = new HeldGates(fixture)
  const gateRecords = new GateRecords(store, clock)
  const queue = new MergeQueue({
    ...{ pipeline, trunk, clock, log: silentLog, base: 'main', recovers: false, batch },
    judge: new MergeJudge({ trunk, gates, gateRecords, repeatOnce: false }),
  })
  for (const files of work) {
    const { id } = pipeline.create({ type: 'story', name: 'Add it' }, anna)
    const branch = `feature/item-${id}`
    fixture.git(['checkout', '--quiet', '-b', branch, 'main'])
    fixture.commit('work', files)
    pipeline.apply(id, { type: 'start' }, anna)
    pipeline.apply(id, { type: 'qa-skipped', work: { branch, ahead: 1 } }, anna)
  }
  fixture.git(['checkout', '--quiet', 'main'])
  /** Lets the queue work to its end; `choose` picks which of the held gates goes on. */
  const settle = async (choose: (count: number) => number) => {
    let done = false
    const pass = queue.reconcile('merge', never).finally(() => {
      done = true
    })
    while (!done) {
      await new Promise(setImmediate)
      const one = gates.held[choose(gates.held.length)]
      if (!one) continue
      gates.forget(one)
      one.release()
    }
    await pass
  }
  const trees = () => fixture.git(['log', '--reverse', '--format=%T']).split('\n').slice(1)
  const subjects = () => fixture.git(['log', '--reverse', '--format=%s']).split('\n').slice(1)
  const kinds = () => pipeline.all().map(({ stage }) => stage.kind)
  return { fixture, pipeline, queue, gates, settle, trees, subjects, kinds }
}

const first = () => 0
const fine = (count: number): Files[] =>
  Array.from({ length: count }, (_, index) => ({ [`${index}.txt`]: `${index}\n` }))
/** Waits until so many gates run, and lets the newest go. */
const fullTrain = (size: number) => (count: number) => (count < size ? -1 : count - 1)

test('So many as the settings say are judged at a time, each as the tree that it lands as.', async () => {
  const { settle, gates, kinds, trees, subjects, fixture } = open(fine(4), 4)
  let full = false
  await settle((count) => {
    full ||= count === 4
    return full ? count - 1 : -1
  })
  expect(gates.most).toBe(4)
  expect(gates.runs).toBe(4)
  expect(kinds()).toEqual(['done', 'done', 'done', 'done'])
  expect(subjects()).toEqual([1, 2, 3, 4].map((id) => `huskies: merge ${id} story Add it`))
  for (const tree of trees()) expect(gates.passed).toContain(tree)
  expect(fixture.git(['rev-list', '--merges', 'main'])).toBe('')
})

test('While one lands, those behind it are judged on: each is judged once.', async () => {
  const { settle, gates, kinds, subjects } = open(fine(4), 4)
  let full = false
  await settle((count) => {
    full ||= count === 4
    return full ? 0 : -1
  })
  expect(kinds()).toEqual(['done', 'done', 'done', 'done'])
  expect(subjects()).toHaveLength(4)
  expect(gates.runs).toBe(4)
})

test('The red one is put out at once when all before it have landed; the others land without it.', async () => {
  const [one = {}, , three = {}, four = {}] = fine(4)
  const { settle, gates, kinds, trees } = open([one, { 'bad.txt': 'bad\n' }, three, four], 4)
  await settle(first)
  expect(kinds()).toEqual(['done', 'coding', 'done', 'done'])
  expect(trees()).toHaveLength(3)
  for (const tree of trees()) expect(gates.passed).toContain(tree)
})

test('One that conflicts with what goes before it is judged when that has landed.', async () => {
  const { settle, kinds, subjects, pipeline } = open(
    [{ 'a.txt': 'one\n' }, { 'a.txt': 'two\n' }, { 'b.txt': 'b\n' }],
    3,
  )
  await settle(first)
  expect(kinds()).toEqual(['done', 'coding', 'done'])
  expect(subjects()).toHaveLength(2)
  expect(pipeline.history(2).some(({ event }) => event === 'merge-failed')).toBe(true)
})

test('When one leaves, those after it are called off and built without it.', async () => {
  const { settle, gates, kinds, subjects, pipeline, queue } = open(fine(3), 3)
  let frozen = false
  await settle((count) => {
    if (frozen || count < 3) return frozen ? 0 : -1
    frozen = true
    pipeline.apply(2, { type: 'freeze' }, anna)
    return 0
  })
  expect(kinds()).toEqual(['done', 'frozen', 'done'])
  expect(subjects()).toEqual([1, 3].map((id) => `huskies: merge ${id} story Add it`))
  expect(gates.runs).toBe(4)
  expect(queue.keys()).toEqual([])
})

test('Somebody else moves the base branch under a train: it is built anew on top.', async () => {
  const { settle, fixture, gates, subjects, trees } = open(fine(2), 2)
  const choose = fullTrain(2)
  let moved = false
  await settle((count) => {
    if (moved) return 0
    const chosen = choose(count)
    if (chosen >= 0) {
      moved = true
      fixture.commit('meanwhile', { 'other.txt': 'other\n' })
    }
    return chosen
  })
  expect(subjects()[0]).toBe('meanwhile')
  expect(subjects()).toHaveLength(3)
  for (const tree of trees().slice(1)) expect(gates.passed).toContain(tree)
})

test.each([1, 2])(
  'Trains whose gates end in any order make what a slow serial merge makes (seed %i).',
  async (seed) => {
    const random = seeded(seed)
    const pick = (count: number) => Math.floor(random() * count)
    const work = Array.from({ length: 5 }, (_, index): Files => {
      const kind = pick(5)
      if (kind === 0) return { 'bad.txt': `${index}\n` }
      if (kind === 1) return { 'readme.md': `${index}\n` }
      if (kind === 2) return { 'long.txt': null, [`moved-${index}.txt`]: 'moved\n' }
      if (kind === 3) return { 'data.bin': Uint8Array.from([0, index, 255]) }
      return { [`${index}.txt`]: 'own\r\n' }
    })
    const serial = open(work, 1)
    await serial.settle(first)
    const train = open(work, 4)
    await train.settle((count) => (random() < 0.5 ? -1 : pick(count)))
    expect(train.trees()).toEqual(serial.trees())
    expect(train.subjects()).toEqual(serial.subjects())
    expect(train.kinds()).toEqual(serial.kinds())
    for (const tree of train.trees()) expect(train.gates.passed).toContain(tree)
    expect(train.fixture.git(['rev-list', '--merges', 'main'])).toBe('')
    expect(train.fixture.status()).toBe('')
  },
)
