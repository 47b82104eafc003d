import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/kernel/clock.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { DocumentPipeline } from '../../src/pipeline/document-pipeline.ts'
import { GateRecords } from '../../src/pipeline/gates/gate-records.ts'
import type { Gates } from '../../src/pipeline/gates.ts'
import { openRepository } from '../../src/pipeline/git/repository.ts'
import { GitTrunk } from '../../src/pipeline/git/trunk.ts'
import type { Actor } from '../../src/pipeline/item.ts'
import { MergeJudge } from '../../src/pipeline/merge-judge.ts'
import { MergeQueue } from '../../src/pipeline/reconcilers/merge-queue.ts'
import { migrate } from '../../src/store/migrations.ts'
import { Store } from '../../src/store/store.ts'
import { FakeSetup } from './fake-setup.ts'

const anna: Actor = { kind: 'person', id: 'terminal:anna' }
const never = new AbortController().signal
const environment = {
  PATH: process.env.PATH ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
}

/** What git prints in a folder of the scenario. */
export function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync('git', args, {
    cwd,
    env: environment,
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim()
}

/** Two items in the backlog with their work on branches, and a person's changes in the checkout. */
export function prepareScenario(folder: string): void {
  const root = rootOf(folder)
  git(folder, 'init', '--quiet', '--template=', '--initial-branch=main', root)
  git(root, 'config', 'user.name', 'Anna')
  git(root, 'config', 'user.email', 'anna@example.org')
  const commit = (message: string, files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text)
    git(root, 'add', '--all')
    git(root, 'commit', '--quiet', '-m', message)
  }
  commit('first', { 'readme.md': 'old\n', 'long.txt': 'long\n', 'mine.txt': 'old\n' })
  for (const [item, files] of [
    [1, { 'readme.md': 'new\n', 'one.txt': 'one\n' }],
    [2, { 'long.txt': 'short\n', 'two.txt': 'two\n' }],
  ] as const) {
    git(root, 'checkout', '--quiet', '-b', `feature/item-${item}`, 'main')
    commit(`work ${item}`, files)
  }
  git(root, 'checkout', '--quiet', 'main')
  writeFileSync(join(root, 'mine.txt'), 'mine\n')
  mkdirSync(join(folder, 'worktrees'))
  const store = openStore(folder)
  migrate(store, 0)
  const pipeline = openPipeline(store)
  for (const name of ['One', 'Two']) pipeline.create({ type: 'story', name }, anna)
  store.close()
}

/** Starts the program on the scenario, and goes on until both items are done. */
export async function settleScenario(folder: string): Promise<void> {
  const store = openStore(folder)
  const repository = await openRepository(rootOf(folder), { environment })
  const trunk = new GitTrunk({
    ...{ repository, store, clock: systemClock, log: silentLog },
    directory: join(folder, 'worktrees'),
    setup: new FakeSetup(),
  })
  const pipeline = openPipeline(store)
  const queue = new MergeQueue({
    ...{
      pipeline,
      trunk,
      clock: systemClock,
      log: silentLog,
      base: 'main',
      recovers: false,
      batch: 1,
    },
    judge: new MergeJudge({
      ...{ trunk, gates: noting(folder), repeatOnce: true },
      gateRecords: new GateRecords(store, systemClock),
    }),
  })
  for (const { id } of pipeline.all()) {
    const work = { branch: `feature/item-${id}`, ahead: 1 }
    if (pipeline.need(id).stage.kind === 'backlog') pipeline.apply(id, { type: 'start' }, anna)
    if (pipeline.need(id).stage.kind === 'coding')
      pipeline.apply(id, { type: 'qa-skipped', work }, anna)
  }
  while (queue.keys().length > 0) await queue.reconcile('merge', never)
  store.close()
}

/** The repository of the scenario. */
export function rootOf(folder: string): string {
  return join(folder, 'project')
}

/** The trees that the gates have passed, as they noted them. */
export function passedFile(folder: string): string {
  return join(folder, 'passed')
}

export function openStore(folder: string): Store {
  return Store.open(join(folder, 'pipeline.db'))
}

export function openPipeline(store: Store): DocumentPipeline {
  return new DocumentPipeline(store, systemClock, silentLog, { maxRetries: 3 })
}

function noting(folder: string): Gates {
  return {
    async run(_key, directory) {
      appendFileSync(passedFile(folder), `${git(directory, 'rev-parse', 'HEAD^{tree}')}\n`)
      if (git(directory, 'status', '--porcelain') !== '') throw new Error('not what is judged')
      return { passed: true, output: 'green', durationMs: 0 }
    },
  }
}
