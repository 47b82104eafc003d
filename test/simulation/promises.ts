import type { Assembly } from '../../src/assembly.ts'
import { Landings } from '../../src/pipeline/git/landings.ts'
import type { HistoryEntry, Item } from '../../src/pipeline/item.ts'
import type { ProjectSettings } from '../../src/pipeline/settings.ts'
import type { Stage, StageKind } from '../../src/pipeline/stage.ts'
import { treeOf } from '../support/fake-trunk.ts'
import type { Program } from './program.ts'
import type { World } from './world.ts'

const over = new Set<StageKind>(['done', 'archived', 'abandoned', 'superseded'])

/** The items that are neither done nor closed. */
export function unfinishedItems({ pipeline }: Assembly): Item[] {
  return pipeline.all().filter(({ stage }) => !over.has(stage.kind) && stage.kind !== 'rejected')
}

/** A person has ended the program: none of its agents goes on, those apart that cannot be ended. */
export function noAgentLives(world: World): void {
  const stuck = world.disk.db
    .prepare<[], string>(`SELECT 'r' || number FROM runs WHERE survivors IS NOT NULL`)
    .pluck()
    .all()
  const living = world.host.alive().filter((run) => !stuck.includes(run))
  if (living.length > 0) world.breaks(`${living} live on after the program was stopped`)
}

/** What must hold when nothing goes wrong any more and nothing is left to do. */
export function keepsPromisesAtRest(
  world: World,
  program: Program,
  project: ProjectSettings,
): void {
  const { pipeline } = program.assembly
  const living = world.host.alive()
  if (living.length > 0) world.breaks(`at rest, ${living} live`)
  const runs = program.assembly.services.runs.active().map(({ id }) => id)
  if (runs.length > 0) world.breaks(`at rest, ${runs} are not ended`)
  const landings = new Landings(program.store).all()
  if (landings.length > 0) world.breaks(`at rest, ${landings.length} landings are under way`)
  const untold = world.disk.db.prepare('SELECT text FROM notices WHERE told_at IS NULL').get()
  if (untold) world.breaks(`at rest, rooms are not told ${JSON.stringify(untold)}`)
  for (const item of unfinishedItems(program.assembly))
    if (!isForAPerson(item, program.assembly, project))
      world.breaks(`#${item.id} is stuck in ${JSON.stringify(item.stage)}`)
  for (const { id, dependsOn } of pipeline.all())
    if (reaches(dependsOn, id, pipeline.get.bind(pipeline)))
      world.breaks(`#${id} depends on itself`)
  expectHistories(world, program)
  expectTrunk(world, program)
  expectWorktrees(world, program)
}

/** Whether only a person can go on with it, or it waits for another item. */
function isForAPerson(
  item: Item,
  { pipeline, agents }: Assembly,
  project: ProjectSettings,
): boolean {
  const { stage, type, dependsOn } = item
  switch (stage.kind) {
    case 'backlog': {
      const done = (id: number) => isDone(pipeline.get(id)?.stage)
      const isDue = dependsOn.length > 0 && dependsOn.every(done)
      return type === 'epic' || stage.manual === true || !isDue
    }
    case 'blocked':
    case 'review-hold':
    case 'frozen':
    case 'merge-failure-final':
      return true
    case 'coding':
      return pipeline.paused || waitsForLogin(item, agents)
    case 'merge-failure':
      return (pipeline.paused && stage.failure.kind === 'conflict') || waitsForLogin(item, agents)
    case 'qa':
      return pipeline.paused || !project.agent.some((agent) => agent.stage === 'qa')
    default:
      return false
  }
}

/** Its accounts are refused, so that a person has to log in. */
function waitsForLogin({ id }: Item, agents: Assembly['agents']): boolean {
  return agents.parked.get(id)?.includes('is refused') === true
}

function isDone(stage: Stage | undefined): boolean {
  return stage?.kind === 'done' || (stage?.kind === 'archived' && isDone(stage.from))
}

function reaches(from: readonly number[], to: number, find: (id: number) => Item | undefined) {
  const seen = new Set<number>()
  const waiting = [...from]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (id === to) return true
    if (seen.has(id)) continue
    seen.add(id)
    waiting.push(...(find(id)?.dependsOn ?? []))
  }
  return false
}

/** Every number that was given tells one life, each step of which begins where the last has ended. */
function expectHistories(world: World, { assembly: { pipeline } }: Program): void {
  for (const [index, { id, stage, generation }] of pipeline.all().entries()) {
    const history = pipeline.history(id)
    let at: StageKind | undefined
    for (const { event, from, to } of history) {
      if (from !== at && to !== undefined) world.breaks(`#${id} went from ${from}, being in ${at}`)
      if ((event === 'create') !== (at === undefined)) world.breaks(`#${id} has two beginnings`)
      if (event === 'delete') world.breaks(`#${id} is deleted, and there`)
      at = to ?? at
    }
    if (at !== stage.kind) world.breaks(`#${id} is in ${stage.kind}, its history ends in ${at}`)
    if (history.filter(({ event }) => event === 'merged').length > generation)
      world.breaks(`#${id} was merged more than once in a life`)
    const ended = stage.kind === 'archived' ? stage.from : stage
    if (ended.kind === 'done' && !ended.commit && !endsByHand(history))
      world.breaks(`#${id} is done, and nobody has said so`)
    if (index + 1 > id) world.breaks(`#${id} was given twice`)
  }
}

/** It was closed by a person, or it is a spike whose findings a person has approved. */
function endsByHand(history: readonly HistoryEntry[]): boolean {
  const last = history.findLast(({ to, from }) => to === 'done' && from !== 'frozen')
  return last?.by.kind === 'person' && (last.event === 'close' || last.event === 'approve')
}

/** The base branch is one line of commits, each of which was judged and belongs to one landing. */
function expectTrunk(world: World, { assembly: { pipeline } }: Program): void {
  const { base, greenTrees, landedElsewhere } = world
  for (const [index, { id, parent, files, branch, subject }] of base.history.entries()) {
    if (parent !== base.history[index - 1]?.id) world.breaks(`${subject} is not on its parent`)
    if (!branch) continue
    if (!greenTrees.has(treeOf(files))) world.breaks(`${subject} was never green as it is`)
    const item = Number(/^feature\/item-(\d+)/.exec(branch)?.[1])
    const merges = pipeline
      .history(item)
      .filter(({ event, note }) => event === 'merged' && note?.startsWith(id))
    if (merges.length > 1 || (merges.length === 0 && !landedElsewhere.has(id)))
      world.breaks(`${subject} has landed, and #${item} was told ${merges.length} times`)
  }
  for (const { id, stage } of pipeline.all()) {
    const ended = stage.kind === 'archived' ? stage.from : stage
    if (ended.kind === 'done' && ended.commit && !base.has(ended.commit))
      world.breaks(`#${id} is done, and its commit is not on the base branch`)
  }
}

/** What is over has no worktree, and its work is kept; what is not over has what it had. */
function expectWorktrees(world: World, { assembly: { pipeline } }: Program): void {
  const { worktrees, host } = world
  const isOver = (id: number) => over.has(pipeline.get(id)?.stage.kind ?? 'done')
  for (const { item, recovered } of worktrees.all())
    if (isOver(item) && !recovered) world.breaks(`#${item} is over and has a worktree`)
  for (const { launch } of host.launches) {
    const item = Number(launch.env.HUSKIES_ITEM)
    if (isOver(item) && worktrees.recoveries(item) === 0)
      world.breaks(`#${item} is over, and its work is nowhere`)
  }
}
