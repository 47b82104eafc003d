import type { Launch } from '../../src/processes/process-host.ts'
import type { FakeProcess, FakeProgram } from '../support/fake-process-host.ts'
import type { World } from './world.ts'

/** What an agent may do in the place of its work. */
const manners = [
  'mute',
  'silent',
  'killed',
  'crashes',
  'commits nothing',
  'leaves it uncommitted',
  'commits and crashes',
  'changes nothing',
  'talks on',
] as const

type Manner = (typeof manners)[number] | 'diligent'

/** What the simulated agents do: mostly their work, well or badly, and sometimes anything else. */
export function simulatedAgent(world: World): FakeProgram {
  return (agent, launch) => {
    const { HUSKIES_RUN, HUSKIES_AGENT, HUSKIES_ROLE, HUSKIES_ITEM } = launch.env
    const errs = world.goesWrong('agents', () => `${HUSKIES_RUN} misbehaves`)
    const manner: Manner = errs ? world.chance.of(manners) : 'diligent'
    world.trace(`${HUSKIES_RUN}: ${HUSKIES_AGENT} (${HUSKIES_ROLE}) on #${HUSKIES_ITEM}, ${manner}`)
    if (errs) resist(world, agent)
    const act = () => actAs(manner, world, agent, launch)
    if (launch.env.SESSION === undefined) act()
    else world.services.ask(agent, launch, act)
  }
}

function actAs(manner: Manner, world: World, agent: FakeProcess, launch: Launch): void {
  const { HUSKIES_ROLE } = launch.env
  if (manner === 'mute') agent.exit(world.chance.of([1, 2, 127]))
  if (manner === 'silent' || manner === 'mute') return
  agent.say('begun\n')
  if (manner === 'talks on') {
    talk(world, agent, world.chance.between(10, 100))
    return
  }
  agent.after(world.chance.between(20, 3_000), () => {
    if (HUSKIES_ROLE === 'coder') code(world, launch, manner)
    if (HUSKIES_ROLE === 'mergemaster') mendConflict(world, launch, manner)
    agent.say('almost done\n')
    agent.after(world.chance.between(1, 800), () => end(world, agent, launch, manner))
  })
}

/** Ignores TERM, or for a while KILL too, or leaves something behind. */
function resist({ chance, scheduler }: World, agent: FakeProcess): void {
  agent.obeysTerm = chance.in(0.5)
  if (chance.in(0.4)) {
    agent.obeysKill = false
    scheduler.after(chance.between(1_000, 120_000), () => {
      agent.obeysKill = true
    })
  }
  if (!chance.in(0.3)) return
  const lastsMs = chance.between(100, 120_000)
  agent.leave('daemon', { obeysTerm: chance.in(0.5), obeysKill: chance.in(0.5), lastsMs })
}

function talk(world: World, agent: FakeProcess, words: number): void {
  agent.say('still at it\n')
  if (words === 0) agent.exit(0)
  agent.after(world.chance.between(1, 500), () => talk(world, agent, words - 1))
}

function code(world: World, { env }: Launch, manner: Manner): void {
  if (manner === 'commits nothing' || env.HUSKIES_ITEM_TYPE === 'spike') return
  const { worktrees, chance } = world
  const item = Number(env.HUSKIES_ITEM)
  const failure = env.HUSKIES_FAILURE ?? ''
  if (!worktrees.find(item)) world.breaks(`${env.HUSKIES_RUN} lives, its worktree is gone`)
  if (failure.includes('git merge')) worktrees.merge(item)
  if (world.isCalm || (failure !== '' && chance.in(0.7)))
    mend(world, item, env.HUSKIES_BRANCH ?? '')
  if (manner === 'changes nothing') {
    worktrees.edit(item, 'readme', 'begin')
    worktrees.commit(item)
    return
  }
  const isBad = world.goesWrong('badWork', () => `${env.HUSKIES_RUN} does bad work`)
  const text = isBad ? `bad-${chance.of(['format', 'build', 'test'])}` : `by ${env.HUSKIES_RUN}`
  worktrees.edit(item, `item-${item}`, text)
  if (world.goesWrong('clashes', () => `${env.HUSKIES_RUN} works where others work`))
    worktrees.edit(item, chance.of(['shared', 'shared', 'pair-a', 'pair-b']), text)
  if (manner !== 'leaves it uncommitted') worktrees.commit(item)
}

function mendConflict(world: World, { env }: Launch, manner: Manner): void {
  if (manner === 'commits nothing') return
  const item = Number(env.HUSKIES_ITEM)
  world.worktrees.merge(item)
  mend(world, item, env.HUSKIES_BRANCH ?? '')
  world.worktrees.commit(item)
}

/** Makes good what is bad on the branch, and alike what must be alike. */
function mend({ worktrees }: World, item: number, branch: string): void {
  const files = worktrees.branches.get(branch)?.files ?? new Map<string, string>()
  for (const [path, text] of files)
    if (text.startsWith('bad-')) worktrees.edit(item, path, `${path} mended by #${item}`)
  if (files.has('pair-a') && files.has('pair-b'))
    for (const path of ['pair-a', 'pair-b']) worktrees.edit(item, path, `pair of #${item}`)
}

function end(world: World, agent: FakeProcess, { env }: Launch, manner: Manner): void {
  if (manner === 'killed') agent.vanish()
  const refuses = env.HUSKIES_ROLE === 'qa' && !world.isCalm && world.chance.in(0.3)
  agent.exit(refuses || manner.includes('crash') ? 1 : 0)
}
