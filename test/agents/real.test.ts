import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { installCommitGate } from '../../src/agents/commit-gate.ts'
import { agentEnvironment } from '../../src/agents/environment.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { ProcessGates } from '../../src/pipeline/gates/process-gates.ts'
import { Programs } from '../../src/pipeline/programs/programs.ts'
import { projectSettings } from '../../src/pipeline/settings.ts'
import { GitRooms } from '../support/git-rooms.ts'
import { HostFixture, isRunning, startBystander } from '../support/process-host.ts'
import { until } from '../support/until.ts'
import { anna, startProgram } from './world.ts'

const identity = { name: 'Agent', email: 'agent@example.org' }

/** Real git, real processes, real gates, and an agent that is a shell script. */
async function open(script: string, test = 'exit 0') {
  const rooms = await GitRooms.open()
  const machine = new HostFixture()
  addScripts(rooms, { 'script/agent': script, 'script/test': test })
  const env = { ...agentEnvironment(process.env, identity), GIT_CONFIG_GLOBAL: '/dev/null' }
  const hooks = join(machine.folder, 'hooks')
  const settings = projectSettings.parse({ agent: [{ name: 'agent', command: 'script/agent' }] })

  /** A program of its own over the same files, as after a restart. */
  const start = async () => {
    const { worktrees } = await rooms.start()
    const host = machine.open()
    const common = { clock: systemClock, random: Math.random, log: silentLog, host }
    const programs = new Programs({ ...common, environment: process.env })
    const program = startProgram(
      {
        ...common,
        store: rooms.store,
        worktrees,
        gates: new ProcessGates({ clock: systemClock, programs, steps: [] }),
        environment: { ...env, ...installCommitGate(hooks) },
        inUse: (run) => host.isUnderWay(run),
      },
      settings,
      silentLog,
    )
    onTestFinished(() => program.engine.stop())
    return { ...program, worktrees, host }
  }
  return { rooms, machine, start }
}

/** Commits these files to the base branch, as programs. */
function addScripts({ fixture }: GitRooms, files: Readonly<Record<string, string>>): void {
  fixture.write(files)
  for (const path of Object.keys(files)) chmodSync(join(fixture.root, path), 0o755)
  fixture.commit('scripts')
}

type Program = Awaited<ReturnType<Awaited<ReturnType<typeof open>>['start']>>

function story({ pipeline }: Program, name = 'Add a greeting'): number {
  const { id } = pipeline.create({ type: 'story', name }, anna)
  return pipeline.apply(id, { type: 'start' }, anna).id
}

const stageIs = (program: Program, kind: string) =>
  until(() => program.pipeline.need(1).stage.kind === kind, `the item is in ${kind}`)

it('does a whole turn: the agent commits in its worktree, and the gates pass', async () => {
  const { rooms, start } = await open(
    '#!/bin/sh\necho "working on $HUSKIES_ITEM_NAME"\ncat > order.txt\ngit add -A && git commit -qm done',
  )
  const program = await start()
  story(program)
  await stageIs(program, 'merge')
  expect(program.pipeline.need(1).stage).toMatchObject({ work: { ahead: 1 } })
  expect(program.agents.log(1, 5)).toEqual(['working on Add a greeting'])
  const show = ['show', '--no-patch', '--format=%an <%ae> %s', 'feature/item-1']
  expect(rooms.fixture.git(show)).toBe('Agent <agent@example.org> done')
  expect(rooms.fixture.git(['show', 'feature/item-1:order.txt'])).toContain('# Item 1')
  expect(rooms.fixture.status()).toBe('')
})

it('gives the next run what the gates printed', async () => {
  const { start } = await open(
    '#!/bin/sh\ngrep -q "no feature" && echo yes > feature || echo no > other\ngit add -A; git commit -qm x',
    '#!/bin/sh\n[ -f feature ] || { echo "no feature"; exit 1; }',
  )
  const program = await start()
  story(program)
  await stageIs(program, 'merge')
  expect(program.runs.of(1).map(({ attempt }) => attempt)).toEqual([2, 1])
})

it('L04: ends an agent that ignores TERM with all its children before the item is free', async () => {
  const { machine, start } = await open(
    `#!/bin/sh\ntrap '' TERM\nsetsid sleep 1000 &\necho $! > "$HUSKIES_ITEM_BODY"\nwhile :; do sleep 1; done`,
  )
  const program = await start()
  const body = join(machine.folder, 'child')
  const { id } = program.pipeline.create({ type: 'story', name: 'Never ends', body }, anna)
  program.pipeline.apply(id, { type: 'start' }, anna)
  const child = await machine.pidIn('child')
  expect(isRunning(child)).toBe(true)
  program.agents.stop(1, anna)
  await stageIs(program, 'blocked')
  expect(isRunning(child)).toBe(false)
  expect(machine.marked('r1')).toEqual([])
})

it('ends a daemon that a finished agent has left, and judges its work', async () => {
  const { machine, start } = await open(
    '#!/bin/sh\nsetsid sleep 1000 > /dev/null 2>&1 &\necho x > file\ngit add -A && git commit -qm x',
  )
  const program = await start()
  story(program)
  await stageIs(program, 'merge')
  expect(machine.marked('r1')).toEqual([])
})

it('L01: finds and ends at its start whatever of an earlier one nobody has a claim on', async () => {
  const { machine, start } = await open(
    '#!/bin/sh\nls "$HUSKIES_ITEM_BODY"\necho x > file\ngit add -A && git commit -qm x',
  )
  // In a new session, forked twice so that its parent is gone, and without the marker.
  const source = `setsid sleep 1000 &
(setsid sh -c 'sleep 1000 & exit' &)
(sleep 1000 &)
env -i setsid sleep 1000 &
cd /; until [ -e "$OLDPWD/gone" ]; do sleep 0.01; done`
  const identity = await machine.host.start('r77', machine.script(source))
  await until(() => machine.sleeping().length === 4, 'all of it lives')
  // A run is looked at all the time: only so is the last of them known for its own.
  await machine.host.living()
  writeFileSync(join(machine.folder, 'gone'), '')
  await until(() => !machine.host.isAlive(identity), 'its program has ended')
  const left = machine.sleeping()
  expect(left).toHaveLength(4)
  const bystander = startBystander(machine.folder)

  const program = await start()
  const livedAtStart: number[] = []
  program.notices.listen(({ type }) => {
    if (type === 'started') livedAtStart.push(...left.filter(isRunning))
  })
  story(program)
  await stageIs(program, 'merge')
  expect(livedAtStart).toEqual([])
  expect(machine.sleeping()).toEqual([bystander])
})

it('adopts a living agent with objects of its own, reads on, and spawns nothing', async () => {
  const { machine, start } = await open(
    `#!/bin/sh\necho one\nwhile [ ! -e "$HUSKIES_ITEM_BODY" ]; do sleep 0.05; done\necho two\ngit commit -q --allow-empty -m x`,
  )
  const first = await start()
  const body = join(machine.folder, 'go')
  const { id } = first.pipeline.create({ type: 'story', name: 'Waits', body }, anna)
  first.pipeline.apply(id, { type: 'start' }, anna)
  await until(() => (first.runs.activeOf(1)?.offset ?? 0) > 0, 'the first line was noted')
  await first.engine.stop()
  const pid = first.runs.activeOf(1)?.identity?.pid

  const second = await start()
  expect(second.runs.activeOf(1)?.identity?.pid).toBe(pid)
  writeFileSync(body, '')
  await stageIs(second, 'merge')
  const said = second.told.flatMap((notice) => (notice.type === 'output' ? notice.events : []))
  expect(said).toEqual([{ type: 'text', text: 'two' }])
  expect(second.runs.of(1)).toHaveLength(1)
})

it('holds commits to script/check and to the hooks of the project, and the person to neither', async () => {
  const { rooms, machine, start } = await open(
    '#!/bin/sh\necho bad > file; git add -A; git commit -qm bad || echo refused\necho good > file; git add -A; git commit -qm good',
  )
  addScripts(rooms, { 'script/check': '#!/bin/sh\n! grep -q bad file' })
  const ownHook = join(rooms.fixture.root, '.git/hooks/commit-msg')
  const traces = join(machine.folder, 'own-hook')
  mkdirSync(dirname(ownHook), { recursive: true })
  writeFileSync(ownHook, `#!/bin/sh\necho "$0" >> ${traces}\n`, { mode: 0o755 })
  const program = await start()
  story(program)
  await stageIs(program, 'merge')
  expect(program.agents.log(1, 5)).toEqual(['refused'])
  expect(rooms.fixture.git(['log', '--format=%s', 'main..feature/item-1'])).toBe('good')
  expect(readFileSync(traces, 'utf8')).toBe(`${ownHook}\n`)
  rooms.fixture.commit('bad by hand', { file: 'bad' })
})
