import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/kernel/clock.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { DocumentPipeline } from '../../src/pipeline/document/document-pipeline.ts'
import { GateRecords } from '../../src/pipeline/gates/gate-records.ts'
import type { Gates } from '../../src/pipeline/gates.ts'
import { Remote } from '../../src/pipeline/git/remote.ts'
import { openRepository } from '../../src/pipeline/git/repository.ts'
import { trunkOf } from '../../src/pipeline/git/trunk-of.ts'
import type { Actor } from '../../src/pipeline/item.ts'
import { MergeJudge } from '../../src/pipeline/merge/merge-judge.ts'
import { Programs } from '../../src/pipeline/programs/programs.ts'
import { MergeQueue } from '../../src/pipeline/reconcilers/merge-queue.ts'
import type { Trunk } from '../../src/pipeline/trunk.ts'
import { installationOf } from '../../src/processes/installation.ts'
import { LocalProcessHost } from '../../src/processes/local-process-host.ts'
import { migrate } from '../../src/store/migrations.ts'
import { Store } from '../../src/store/store.ts'
import { FakeSetup } from './fake-setup.ts'

const anna: Actor = { kind: 'person', id: 'terminal:anna' }
const never = new AbortController().signal
const surroundings = { clock: systemClock, log: silentLog }
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

/**
 * How the items land: one by one, judged together, pushed to a remote, or as pull requests that
 * somebody merges there.
 */
export type Way = 'alone' | 'train' | 'push' | 'pr'

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
  git(root, 'remote', 'add', 'origin', '../remote.git')
  commit('first', { 'readme.md': 'old\n', 'long.txt': 'long\n', 'mine.txt': 'old\n' })
  for (const [item, files] of [
    [1, { 'readme.md': 'new\n', 'one.txt': 'one\n' }],
    [2, { 'long.txt': 'short\n', 'two.txt': 'two\n' }],
  ] as const) {
    git(root, 'checkout', '--quiet', '-b', `feature/item-${item}`, 'main')
    commit(`work ${item}`, files)
  }
  git(root, 'checkout', '--quiet', 'main')
  git(folder, 'clone', '--quiet', '--bare', '--single-branch', root, remoteOf(folder))
  writeFileSync(join(root, 'mine.txt'), 'mine\n')
  mkdirSync(join(folder, 'worktrees'))
  const store = openStore(folder)
  migrate(store, 0)
  const pipeline = openPipeline(store)
  for (const name of ['One', 'Two']) pipeline.create({ type: 'story', name }, anna)
  store.close()
}

/** Starts the program on the scenario, and goes on until both items are done. */
export async function settleScenario(folder: string, way: Way = 'alone'): Promise<void> {
  const store = openStore(folder)
  const pipeline = openPipeline(store)
  const trunk = await openTrunk(folder, store, way)
  const queue = new MergeQueue({
    ...{ pipeline, trunk, ...surroundings, base: 'main', recovers: false },
    batch: way === 'train' ? 2 : 1,
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
  while (queue.keys().length > 0) {
    await queue.reconcile('merge', never)
    if (way === 'pr') mergeProposed(folder)
  }
  store.close()
}

async function openTrunk(folder: string, store: Store, way: Way): Promise<Trunk> {
  const repository = await openRepository(rootOf(folder), { environment })
  const host = new LocalProcessHost({
    clock: systemClock,
    runsDirectory: join(folder, 'runs'),
    installation: installationOf(folder),
  })
  return trunkOf({
    ...{ ...surroundings, repository, store, setup: new FakeSetup() },
    directory: join(folder, 'worktrees'),
    remote: way === 'push' || way === 'pr' ? await Remote.of(repository) : undefined,
    programs: new Programs({ ...surroundings, host, environment, random: Math.random }),
    settings: {
      land: way === 'pr' ? 'pr' : 'branch',
      merge: {
        ...{ batch: 1, generate: [] },
        open_pr: ['sh', '-c', 'echo {branch} >> ../opened'],
        find_pr: ['sh', '-c', 'grep -sx {branch} ../opened || true'],
      },
    },
    stopping: never,
  })
}

/** Somebody merges the pull requests that are open, as far as the remote's base branch has not moved. */
function mergeProposed(folder: string): void {
  const remote = remoteOf(folder)
  for (const branch of opened(folder)) {
    const tip = git(remote, 'rev-parse', branch)
    const isOn = git(remote, 'rev-list', '--max-count=1', `${tip}..main`) === ''
    if (isOn) git(remote, 'update-ref', 'refs/heads/main', tip)
  }
}

/** The branches of the pull requests, in the order in which they were opened. */
export function opened(folder: string): string[] {
  const file = join(folder, 'opened')
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []
}

/** The repository of the scenario. */
export function rootOf(folder: string): string {
  return join(folder, 'project')
}

/** What the scenario's repository is a clone of, where things are pushed. */
export function remoteOf(folder: string): string {
  return join(folder, 'remote.git')
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
