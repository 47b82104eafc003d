import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HostFixture, isRunning, ownPath } from '../support/process-host.ts'
import { until } from '../support/until.ts'

test('a run gets its prompt, its folder and exactly its environment, and a marker', async () => {
  const at = new HostFixture()
  const env = { PATH: '/usr/bin:/bin', exit: 'a $(b)', code: "it's", run: '2' }
  const launch = { command: 'sh', args: ['-c', 'pwd; cat; exec env'], cwd: at.folder, env }
  const identity = await at.host.start('r1', { ...launch, stdin: 'Grüße\n' })

  const lines = (await at.ended('r1', identity)).trim().split('\n')
  expect(lines.slice(0, 2)).toEqual([at.folder, 'Grüße'])
  // What a shell adds, one more and another less.
  const byShell = /^(PWD|OLDPWD|SHLVL|_)=/
  expect(
    lines
      .slice(2)
      .filter((line) => !byShell.test(line))
      .sort(),
  ).toEqual([
    `HUSKIES_RUN_${at.installation}_r1=1`,
    'PATH=/usr/bin:/bin',
    "code=it's",
    'exit=a $(b)',
    'run=2',
  ])
  expect(at.host.exit('r1')).toEqual({ code: 0 })
})

test('when a run has printed last is known for as long as its files are there', async () => {
  const at = new HostFixture()
  expect(at.host.writtenAt('r1')).toBeUndefined()
  const before = Date.now()
  const launch = { command: 'sh', args: ['-c', 'echo x; sleep 0.05'], cwd: at.folder, env: ownPath }
  await at.ended('r1', await at.host.start('r1', launch))
  // The kernel's clock for files ticks in steps.
  expect(at.host.writtenAt('r1')).toBeGreaterThan(before - 20)
  expect(at.host.writtenAt('r1')).toBeLessThan(Date.now() - 30)
  expect(at.host.writtenAt('r1')).toSatisfy(Number.isInteger)
  at.host.discard('r1')
  expect(at.host.writtenAt('r1')).toBeUndefined()
})

test('arguments reach the program as they are, whatever a shell would make of them', async () => {
  const at = new HostFixture()
  const args = ['$(touch hacked)', '; exit 7', '`id`', '', '-n', "'", 'two\nlines', '*']
  const printAll = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))'
  const identity = await at.host.start('r1', {
    command: process.execPath,
    args: ['-e', printAll, '--', ...args],
    cwd: at.folder,
    env: {},
  })

  expect(JSON.parse(await at.ended('r1', identity))).toEqual(args)
  expect(readdirSync(at.folder)).not.toContain('hacked')
})

test.each([
  ['a program that ends with a code', 'exit 3', 3],
  ['a program that is killed by a signal', 'kill -9 $$', 137],
  ['a program that ends itself with TERM', 'kill -TERM $$', 143],
])('the exit code is read of %s', async (_title, source, code) => {
  const at = new HostFixture()
  const identity = await at.host.start('r1', at.script(source))
  await at.ended('r1', identity)
  expect(at.host.exit('r1')).toEqual({ code })
})

test('a program starts with default signals, although its wrapper survives TERM', async () => {
  const at = new HostFixture()
  const ignored = "grep -E '^Sig(Ign|Blk):' /proc/self/status"
  const identity = await at.host.start('r1', at.script(ignored))
  expect(await at.ended('r1', identity)).toMatch(/SigBlk:\s0+\nSigIgn:\s0+\n/)
})

test('a wrapper that is told to end waits for its program and writes the exit code', async () => {
  const at = new HostFixture()
  const source = 'echo up; until [ -e go ]; do sleep 0.01; done; exit 5'
  const identity = await at.host.start('r1', at.script(source))
  await until(() => at.output('r1') === 'up\n', 'the program is up')

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.kill(identity.pid, signal)
  expect(at.host.exit('r1')).toBeUndefined()
  const go = await at.host.start('r2', at.script(': > go'))
  await at.ended('r2', go)
  await at.ended('r1', identity)
  expect(at.host.exit('r1')).toEqual({ code: 5 })
})

test('no byte is lost of 5 MB that a program prints before it ends at once', async () => {
  const at = new HostFixture()
  const source = 'yes 0123456789abcde | head -c 5242880; printf end >&2'
  const identity = await at.host.start('r1', at.script(source))
  await until(() => !at.host.isAlive(identity), 'the program has ended')

  let offset = 0
  let text = ''
  for (;;) {
    const chunk = at.host.read('r1', offset)
    if (chunk.bytes.length === 0) break
    expect(chunk.bytes.length).toBeLessThanOrEqual(65_536)
    text += Buffer.from(chunk.bytes).toString()
    offset = chunk.offset
  }
  expect(offset).toBe(5_242_883)
  expect(text === `${'0123456789abcde\n'.repeat(327_680)}end`).toBe(true)
})

test('bytes that are no text are given on as they are', async () => {
  const at = new HostFixture()
  const identity = await at.host.start('r1', at.script(String.raw`printf '\377\376\000a\303'`))
  await at.ended('r1', identity)
  expect([...at.host.read('r1', 0).bytes]).toEqual([0xff, 0xfe, 0, 0x61, 0xc3])
  expect([...at.host.read('r1', 3, new Uint8Array(1)).bytes]).toEqual([0x61])
  expect(at.host.read('r1', 5)).toEqual({ bytes: new Uint8Array(), offset: 5 })
})

test('standard error is kept out of the output where that is asked for', async () => {
  const at = new HostFixture()
  const launch = at.script('echo answer; echo noise >&2', { errorsApart: true })
  const identity = await at.host.start('r1', launch)
  expect(await at.ended('r1', identity)).toBe('answer\n')
  expect(readFileSync(join(at.runsDirectory, 'r1', 'errors'), 'utf8')).toBe('noise\n')
})

test('what cannot be started is a problem in one sentence, and leaves no files', async () => {
  const at = new HostFixture()
  const launch = at.script('true')
  const wrong = [
    { ...launch, command: 'no-such-program' },
    { ...launch, command: './no-such-program' },
    { ...launch, command: at.folder },
    { ...launch, command: '' },
    // A shell would know this one, but it is no program.
    { ...launch, command: 'eval', args: ['echo hacked'] },
    { ...launch, cwd: join(at.folder, 'missing') },
    { ...launch, args: ['x'.repeat(3_000_000)] },
    { ...launch, args: ['\0'] },
  ]
  for (const each of wrong)
    await expect(at.host.start('r1', each)).rejects.toMatchObject({ code: 'cannot-start' })
  expect(at.host.stored()).toEqual([])
})

test('a program that may not be run is told apart from one that is not there', async () => {
  const at = new HostFixture()
  writeFileSync(join(at.folder, 'plain'), '#!/bin/sh\n', { mode: 0o600 })
  const start = (command: string) => at.host.start('r1', { ...at.script('true'), command })
  await expect(start('./plain')).rejects.toThrow(
    'its file may not be run; allow that with "chmod +x"',
  )
  await expect(start('./gone')).rejects.toThrow('no such program exists')
  await expect(start('./plain/below')).rejects.toThrow('no such program exists')
})

test('an id is started once, and the second start touches nothing of the first', async () => {
  const at = new HostFixture()
  const identity = await at.host.start('r1', at.script('cat; sleep 1000', { stdin: 'first' }))
  await expect(at.host.start('r1', at.script('true', { stdin: 'second' }))).rejects.toThrow(
    'EEXIST',
  )
  expect(at.host.isAlive(identity)).toBe(true)
  expect(readFileSync(join(at.runsDirectory, 'r1', 'stdin'), 'utf8')).toBe('first')
})

test('an id that is no plain name reaches neither a path nor an environment', async () => {
  const at = new HostFixture()
  for (const id of ['', '..', 'a/b', 'a b', 'a=b', 'a-b', 'x'.repeat(65)]) {
    await expect(at.host.start(id, at.script('true'))).rejects.toThrow('Not a run id')
    expect(() => at.host.discard(id)).toThrow('Not a run id')
  }
})

test('a run is under way in the program that started it, until it is verified dead', async () => {
  const at = new HostFixture()
  await expect(at.host.start('r1', at.script('true', { cwd: '/missing' }))).rejects.toThrow()
  expect(at.host.isUnderWay('r1')).toBe(false)

  const identity = await at.host.start('r1', at.script('true'))
  await at.ended('r1', identity)
  expect(at.host.isUnderWay('r1')).toBe(true)
  expect(at.open().isUnderWay('r1')).toBe(false)
  await at.host.kill('r1', identity)
  expect(at.host.isUnderWay('r1')).toBe(false)
})

test("a run's files are its owner's alone, and are gone once they are discarded", async () => {
  const at = new HostFixture()
  const identity = await at.host.start('r1', at.script('true', { stdin: 'secret' }))
  await at.ended('r1', identity)
  const folder = join(at.runsDirectory, 'r1')
  for (const file of ['output', 'stdin', 'seen'])
    expect(statSync(join(folder, file)).mode & 0o077).toBe(0)
  expect(statSync(folder).mode & 0o077).toBe(0)

  at.host.discard('r1')
  expect(at.host.stored()).toEqual([])
  expect(at.host.exit('r1')).toBeUndefined()
  expect(at.host.read('r1', 7)).toEqual({ bytes: new Uint8Array(), offset: 7 })
})

test('a process is alive only as the one that was started: same pid, start and boot', async () => {
  const at = new HostFixture()
  const identity = await at.host.start('r1', at.script('sleep 1000'))
  expect(at.host.isAlive(identity)).toBe(true)
  expect(at.host.isAlive({ ...identity, startTime: '1' })).toBe(false)
  expect(at.host.isAlive({ ...identity, bootId: 'another' })).toBe(false)
  await at.host.kill('r1')
  expect(at.host.isAlive(identity)).toBe(false)
})

test('the processor and the memory that a run uses are those of its whole tree', async () => {
  const at = new HostFixture()
  const child = 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; : > up'
  const identity = await at.host.start(
    'r1',
    at.script(`setsid sh -c '${child}'; sleep 1000 & wait`),
  )
  const idle = await at.host.start('r2', at.script('sleep 1000'))
  await until(() => at.has('up'), 'the processor was used')
  expect(await at.host.living()).toContain('r1')

  const used = at.host.usage('r1')
  expect(used.processes).toBe(3)
  expect(used.memory).toBeGreaterThan(1_000_000)
  // The child is gone; what it used was its parent's too, which has waited for it.
  expect(used.cpuMs).toBeGreaterThan(30)
  expect(at.host.usage('r2').cpuMs).toBeLessThan(used.cpuMs)
  for (const [run, main] of [
    ['r1', identity],
    ['r2', idle],
  ] as const)
    await at.host.kill(run, main)
  expect(at.host.usage('r1')).toEqual({ cpuMs: 0, memory: 0, processes: 0 })
})

test('L19: two hundred runs leave no descriptor and no zombie behind', async () => {
  const at = new HostFixture()
  const descriptors = () => readdirSync('/proc/self/fd').length
  const before = descriptors()
  for (let batch = 0; batch < 10; batch++) {
    const ids = Array.from({ length: 20 }, (_, index) => `r${batch}_${index}`)
    const launch = at.script('true', { stdin: 'x', errorsApart: true })
    const identities = await Promise.all(ids.map((id) => at.host.start(id, launch)))
    await until(() => !identities.some((each) => at.host.isAlive(each)), 'the batch has ended')
    expect(ids.map((id) => at.host.exit(id)?.code)).toEqual(ids.map(() => 0))
    await until(() => !identities.some(({ pid }) => isZombie(pid)), 'every child is collected')
    expect(identities.filter(({ pid }) => isRunning(pid))).toEqual([])
    for (const id of ids) at.host.discard(id)
  }
  expect(descriptors()).toBe(before)
})

function isZombie(pid: number): boolean {
  const found = readdirSync('/proc').includes(String(pid))
  return found && /State:\sZ/.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
}
