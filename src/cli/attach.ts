import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type AttachTarget, attach as joinTerminal } from '../agents/attach/attach.ts'
import type { FollowedRun } from '../agents/attach/follow-output.ts'
import type { Run } from '../agents/runs/run.ts'
import { RunTable } from '../agents/runs/run-table.ts'
import { createRuntime } from '../agents/runtimes/create-runtime.ts'
import { systemClock } from '../kernel/clock.ts'
import { Problem } from '../kernel/problem.ts'
import { readSettings } from '../kernel/settings.ts'
import type { ItemRow } from '../pipeline/document/projection.ts'
import { Git } from '../pipeline/git/git.ts'
import { findPlaces } from '../pipeline/git/repository.ts'
import { findWorktree } from '../pipeline/git/worktrees.ts'
import { projectSettings } from '../pipeline/settings.ts'
import { installationOf } from '../processes/installation.ts'
import { LocalProcessHost } from '../processes/local-process-host.ts'
import { findProject, type ProjectPaths, projectPaths } from '../projects/paths.ts'
import { checkSchema } from '../store/migrations.ts'
import { Store } from '../store/store.ts'

/**
 * `huskies attach N`: joins this terminal to the agent on item N, or opens a shell in its worktree.
 * It only reads, so that it works beside the program that serves the project, and without it.
 */
export async function attach(number: string): Promise<number> {
  const item = itemOf(number)
  const root = findProject(process.cwd())
  if (root === undefined)
    throw new Problem(
      'no-project',
      'There is no huskies project here: go to the one that you mean.',
    )
  const paths = projectPaths(root)
  const target = await findTarget(paths, item)
  const host = new LocalProcessHost({
    runsDirectory: join(paths.state, 'runs'),
    installation: installationOf(paths.state),
    clock: systemClock,
  })
  return joinTerminal(target, {
    host,
    clock: systemClock,
    terminal: { input: process.stdin, output: process.stdout },
    environment: process.env,
  })
}

function itemOf(text: string): number {
  const digits = /^#?([1-9]\d{0,14})$/.exec(text)?.[1]
  if (digits !== undefined) return Number(digits)
  throw new Problem(
    'bad-arguments',
    `"${text}" is no item number: type huskies attach 12, for instance.`,
  )
}

async function findTarget(paths: ProjectPaths, item: number): Promise<AttachTarget> {
  const { row, run } = readRecord(paths, item)
  const { commonDirectory } = await findPlaces(new Git(paths.root, process.env))
  const worktree = findWorktree(commonDirectory, paths.worktrees, item)
  return {
    item,
    ...(run && { run: { ...run, ...readerOf(paths, run) } }),
    ...(worktree && { worktree: worktree.path }),
    facts: {
      HUSKIES_ITEM: String(item),
      HUSKIES_ITEM_TYPE: row.type,
      HUSKIES_ITEM_NAME: row.name,
      HUSKIES_BRANCH: worktree?.branch ?? '',
    },
  }
}

/** What understands the run's program, where that does not speak to people. */
function readerOf({ settings }: ProjectPaths, { agent }: Run): Pick<FollowedRun, 'reader'> {
  const project = readSettings(join(settings, 'project.toml'), projectSettings)
  const own = project.agent.find(({ name, runtime }) => name === agent && runtime !== 'shell')
  return own ? { reader: createRuntime(project, {})(own).reader() } : {}
}

/** What is written down of the item and its newest run. */
function readRecord({ root, state }: ProjectPaths, item: number) {
  const file = join(state, 'pipeline.db')
  if (!existsSync(file))
    throw new Problem('no-project', `Nothing was ever started in ${root}: run huskies start there.`)
  const store = Store.openToRead(file)
  try {
    checkSchema(store)
    const row = store.db
      .prepare<[number], Pick<ItemRow, 'type' | 'name'>>(
        'SELECT type, name FROM pipeline_items WHERE id = ?',
      )
      .get(item)
    if (!row)
      throw new Problem('no-such-item', `There is no item ${item}: "list" in the chat shows all.`)
    return { row, run: new RunTable(store).of(item)[0] }
  } finally {
    store.close()
  }
}
