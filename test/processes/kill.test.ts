import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { killAll } from '../../src/processes/kill.ts'
import type { ProcessEntry } from '../../src/processes/process-table.ts'
import { PsTable } from '../../src/processes/ps-table.ts'
import { RunFiles } from '../../src/processes/run-files.ts'
import { Sightings } from '../../src/processes/sightings.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { HostFixture, isRunning, startBystander } from '../support/process-host.ts'
import { until } from '../support/until.ts'

const dead = { survivors: [], unverified: [] }

/** Scripts whose trees are hard to end; each writes `up` once all of its tree exists. */
const trees = {
  'a program that does as it is told': 'sleep 1000 & : > up; wait',
  'a program that ignores every signal it can': "trap '' TERM INT HUP; : > up; sleep 1000",
  'a child in a session of its own': 'setsid sleep 1000 & : > up; wait',
  'a daemon that left its session and its parent':
    'setsid sh -c "setsid sleep 1000 & setsid sleep 1000 & : > up" &',
  'a background child of a program that has ended': 'sleep 1000 & sleep 1000 & : > up',
  'a program that starts others when it is told to end':
    'trap "sleep 1000 & setsid sleep 1000 & trap : TERM" TERM; : > up; while :; do sleep 1000; done',
  'children without an environment': 'env -i setsid sleep 1000 & env -i sleep 1000 & : > up; wait',
  'an orphan without an environment': 'env -i sleep 1000 & : > up',
  'a stopped program': 'sh -c "kill -STOP \\$\\$" & sleep 0.01; : > up; wait',
  'processes that each live for a millisecond':
    "echo '[ ! -e end ] && sh hop &' > hop; sh hop; : > up",
}

test.each(Object.entries(trees))(
  'L02: a kill ends %s, and nothing else',
  async (_title, source) => {
    const at = new HostFixture()
    const bystanders = [
      startBystander(at.folder),
      startBystander(at.folder, { [`HUSKIES_RUN_${at.installation}x_r1`]: '1' }),
      startBystander(at.folder, { [`HUSKIES_RUN_${at.installation}_r10`]: '1' }),
      startBystander(at.folder, { NOTE: `HUSKIES_RUN_${at.installation}_r1=1` }),
    ]
    const identity = await at.host.start('r1', at.script(source))
    await until(() => at.has('up'), 'the tree is up')

    const report = await at.open(100).kill('r1', identity)
    writeFileSync(join(at.folder, 'end'), '')

    expect(report).toEqual(dead)
    expect(at.marked('r1')).toEqual([])
    expect(at.sleeping()).toEqual(bystanders)
    expect(bystanders.filter((pid) => !isRunning(pid))).toEqual([])
  },
)

test('L02: what has neither marker nor parent is remembered from when the run was watched', async () => {
  const at = new HostFixture()
  const source = 'env -i setsid sleep 1000 & echo $! > pid; until [ -e go ]; do sleep 0.01; done; :'
  const identity = await at.host.start('r1', at.script(source))
  const pid = await at.pidIn('pid')
  await until(() => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n', 'it has hidden')
  expect(at.host.isAlive(identity)).toBe(true)
  writeFileSync(join(at.folder, 'go'), '')
  await at.ended('r1', identity)

  expect(isRunning(pid)).toBe(true)
  expect(await at.host.living()).toEqual(['r1'])
  // Another start of the program knows it from the file.
  expect(await at.open().kill('r1', identity)).toEqual(dead)
  expect(isRunning(pid)).toBe(false)
})

test('L02: what drops its marker, its session and its parent is remembered from when it had them', async () => {
  const at = new HostFixture()
  const hides = 'echo $$ > pid; until [ -e go ]; do sleep 0.01; done; exec env -i sleep 1000'
  const identity = await at.host.start('r1', at.script(`setsid sh -c '${hides}' & sleep 1000`))
  const pid = await at.pidIn('pid')
  expect(at.host.isAlive(identity)).toBe(true)
  writeFileSync(join(at.folder, 'go'), '')
  await until(() => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n', 'it has hidden')
  process.kill(identity.pid, 'SIGKILL')
  await at.ended('r1', identity)

  expect(await at.open().kill('r1')).toEqual(dead)
  expect(isRunning(pid)).toBe(false)
  expect(at.sleeping()).toEqual([])
})

test('L02: a kill finds all of a tree by ps alone, where there is no procfs', async () => {
  const at = new HostFixture()
  const bystander = startBystander(at.folder)
  const source =
    "setsid sh -c 'setsid sleep 1000 & :' & env -i sleep 1000 & sleep 1000 & : > up; wait"
  await at.host.start('r1', at.script(source))
  await until(() => at.has('up') && at.sleeping().length === 4, 'the tree is up')

  const table = new PsTable(at.installation, 'axeww')
  const sightings = new Sightings(table, new RunFiles(at.runsDirectory), 'ps')
  expect(table.usage(sightings.look('r1').memory.members)).toMatchObject({
    processes: 5,
    memory: expect.any(Number),
  })
  const times = { graceMs: 300, lastMs: 2_000 }
  const report = await killAll(() => sightings.look('r1'), table, systemClock, times)
  expect(report).toEqual(dead)
  expect(at.sleeping()).toEqual([bystander])
})

test('a program that ends itself in the time it is given has its exit code written', async () => {
  const at = new HostFixture()
  const source = 'trap "sleep 0.05; exit 9" TERM; : > up; while :; do sleep 0.01; done'
  const identity = await at.host.start('r1', at.script(source))
  await until(() => at.has('up'), 'the program is up')
  expect(await at.open(5_000).kill('r1', identity)).toEqual(dead)
  expect(at.host.exit('r1')).toEqual({ code: 9 })
})

test('a run that is killed for good has no exit code', async () => {
  const at = new HostFixture()
  const identity = await at.host.start('r1', at.script("trap '' TERM; : > up; sleep 1000"))
  await until(() => at.has('up'), 'the program is up')
  expect(await at.open(20).kill('r1', identity)).toEqual(dead)
  expect(at.host.exit('r1')).toBeUndefined()
})

test('a program that is told to end twice at once is told once', async () => {
  const at = new HostFixture()
  const source = 'trap "echo told" TERM; : > up; while [ ! -e end ]; do sleep 0.01; done'
  const identity = await at.host.start('r1', at.script(source))
  await until(() => at.has('up'), 'the program is up')

  const host = at.open(5_000)
  const kills = [host.kill('r1', identity), host.kill('r1'), host.kill('r1', identity)]
  await until(() => at.output('r1').includes('told'), 'it was told')
  writeFileSync(join(at.folder, 'end'), '')
  expect(await Promise.all(kills)).toEqual([dead, dead, dead])
  expect(at.output('r1').match(/told/g)).toHaveLength(1)
})

test('a run inside a run is ended by itself, and also with the outer one', async () => {
  const at = new HostFixture()
  const [outer, inner] = ['r1', 'r2'].map((run) => `HUSKIES_RUN_${at.installation}_${run}=1`)
  const source = `env ${inner} setsid sleep 1000 & sleep 1000 & : > up; wait`
  await at.host.start('r1', at.script(source))
  await until(() => at.marked('r2').length === 1, `${outer} has a run inside`)

  expect((await at.host.living()).toSorted()).toEqual(['r1', 'r2'])
  expect(await at.host.kill('r2')).toEqual(dead)
  expect(await at.host.living()).toEqual(['r1'])
  await at.host.kill('r1')
  expect(await at.host.living()).toEqual([])
})

test('a kill of what never lived or is long dead ends at once', async () => {
  const at = new HostFixture()
  const identity = await at.host.start('r1', at.script('true'))
  await at.ended('r1', identity)
  const host = at.open(60_000)
  expect(await host.kill('r1', identity)).toEqual(dead)
  expect(await host.kill('r1', { ...identity, bootId: 'another' })).toEqual(dead)
  expect(await host.kill('never')).toEqual(dead)
  rmSync(at.runsDirectory, { recursive: true })
  expect(await host.kill('r1', identity)).toEqual(dead)
})

test('what was remembered is void where a power failure tore its file', async () => {
  const at = new HostFixture()
  const identity = await at.host.start('r1', at.script('sleep 1000'))
  writeFileSync(join(at.runsDirectory, 'r1', 'seen'), '{"bootId":')
  expect(await at.open(20).kill('r1', identity)).toEqual(dead)
})

test('a kill works on a folder that cannot be written any more', async () => {
  const at = new HostFixture()
  const identity = await at.host.start('r1', at.script("trap '' TERM; : > up; sleep 1000"))
  await until(() => at.has('up'), 'the program is up')
  // In the way of the file that remembers: not even root can write there.
  mkdirSync(join(at.runsDirectory, 'r1', 'seen.part'))
  expect(await at.open(20).kill('r1', identity)).toEqual(dead)
})

test('what survives is reported after five seconds of TERM and two of KILL', async () => {
  const clock = new FakeClock()
  const look = () => sighting([entry(2 ** 22)])
  let report: unknown
  killAll(look, { find: () => undefined }, clock, times).then((it) => (report = it))
  while (report === undefined) {
    if (clock.next !== undefined) clock.advance(clock.next - clock.now())
    await Promise.resolve()
  }
  expect(report).toEqual({ survivors: [{ pid: 2 ** 22, name: 'stuck' }], unverified: [7] })
  expect(clock.now()).toBe(7_000)
})

test('a pid that has changed hands after the look is not signalled', async () => {
  const at = new HostFixture()
  const bystander = startBystander(at.folder)
  const clock = new FakeClock()
  let looks = 0
  const look = () => sighting(looks++ === 0 ? [entry(bystander)] : [])
  const kill = killAll(look, { find: () => ({ startTime: 2, zombie: false }) }, clock, times)
  await Promise.resolve()
  clock.advance(100)
  expect(await kill).toEqual({ survivors: [], unverified: [7] })
  expect(isRunning(bystander)).toBe(true)
})

const times = { graceMs: 5_000, lastMs: 2_000 }
const sighting = (members: readonly ProcessEntry[]) => ({
  members,
  groups: [],
  unverified: [7],
  memory: { members: [], sessions: [] },
  whole: true,
})

function entry(pid: number): ProcessEntry {
  const family = { parent: 1, group: pid, session: pid }
  return { pid, ...family, startTime: 1, name: 'stuck', runs: ['r1'], hidden: false }
}
