import { readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { spawn } from 'node-pty'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type AttachTarget, attach } from '../../../src/agents/attach/attach.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { HostFixture, ownPath } from '../../support/process-host.ts'
import { runtimeCalled } from '../../support/recordings.ts'
import { until } from '../../support/until.ts'

class Person {
  readonly at = new HostFixture()
  readonly input = new PassThrough()
  readonly output = new PassThrough()
  readonly #seen: Buffer[] = []

  constructor() {
    this.output.on('data', (data: Buffer) => this.#seen.push(data))
  }

  attach(target: Partial<AttachTarget>, environment: Record<string, string> = {}): Promise<number> {
    return attach(
      { item: 3, facts: { HUSKIES_ITEM: '3' }, ...target },
      {
        host: this.at.host,
        clock: systemClock,
        terminal: this,
        environment: { ...ownPath, SHELL: '/bin/sh', PS1: '', ...environment },
      },
    )
  }

  get seen(): string {
    return Buffer.concat(this.#seen).toString()
  }

  sees(text: string): Promise<true> {
    return until(() => this.seen.includes(text) || undefined, `${JSON.stringify(text)} is shown`)
  }
}

test('without an agent a person gets a shell in the worktree, with the facts of the item', async () => {
  const person = new Person()
  const code = person.attach({ worktree: person.at.folder })
  person.input.write('pwd; echo "item $HUSKIES_ITEM"; [ -t 0 ] && echo on a terminal\n')
  await person.sees(`\n${person.at.folder}\r\nitem 3\r\non a terminal\r\n`)
  person.input.write('exit 3\n')
  expect(await code).toBe(3)
})

test('input that ends as the shell leaves is not written to a terminal that is gone', async () => {
  const errors = vi.spyOn(console, 'error').mockReturnValue()
  onTestFinished(() => errors.mockRestore())
  const leave = async (_: unknown, turns: number) => {
    const person = new Person()
    const left = person.attach({ worktree: person.at.folder }, { SHELL: '/bin/true' })
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
    person.input.end()
    expect(await left).toBe(0)
  }
  for (let batch = 0; batch < 2; batch++) await Promise.all(Array.from({ length: 40 }, leave))
  expect(errors).not.toHaveBeenCalled()
})

test('the end of what a person types ends their shell', async () => {
  const person = new Person()
  const code = person.attach({ worktree: person.at.folder })
  person.input.end('echo in; (exit 7)\n')
  expect(await code).toBe(7)
  expect(person.seen).toContain('\nin\r\n')
})

test('a shell that is ended by a signal has the exit code that shells give it', async () => {
  const person = new Person()
  const code = person.attach({ worktree: person.at.folder })
  person.input.write('kill -9 $$\n')
  expect(await code).toBe(137)
})

test('bytes that are no text reach the terminal as they are', async () => {
  const person = new Person()
  const bytes: Buffer[] = []
  person.output.on('data', (data: Buffer) => bytes.push(data))
  const code = person.attach({ worktree: person.at.folder })
  person.input.end('printf "a\\377\\376z\\n"\n')
  expect(await code).toBe(0)
  expect(Buffer.concat(bytes).includes(Buffer.from([0x61, 0xff, 0xfe, 0x7a]))).toBe(true)
})

test('what a person does not read fast enough is held back, not lost', async () => {
  const person = new Person()
  person.output.pause()
  const code = person.attach({ worktree: person.at.folder })
  person.input.write('stty -echo; seq 100000; echo the "end"; read line; exit 0\n')
  await until(() => person.output.writableNeedDrain || undefined, 'the terminal is full')
  person.output.resume()
  await person.sees('\r\nthe end\r\n')
  expect(person.seen.match(/^\d+\r$/gm)).toHaveLength(100_000)
  person.input.write('\n')
  expect(await code).toBe(0)
})

test('a person who follows a program that writes JSON reads what it says in words', async () => {
  const person = new Person()
  const said = (text: string) =>
    JSON.stringify({ type: 'item.completed', item: { type: 'agent_message', text } })
  const script = `echo '${said('One.')}'; echo no JSON; sleep 0.1; printf %s '${said('Two.')}'`
  const identity = await person.at.host.start('r1', {
    ...{ command: 'sh', args: ['-c', script], cwd: person.at.folder, env: ownPath },
  })
  const reader = runtimeCalled('codex').reader()
  const run = { id: 'r1', state: 'running', identity, reader } as const
  expect(await person.attach({ run })).toBe(0)
  expect(person.seen).toBe('One.\nno JSON\nTwo.\n')
})

test('a person without worktree, shell or folder is told so in one sentence', async () => {
  const person = new Person()
  await expect(person.attach({})).rejects.toMatchObject({ code: 'no-worktree' })
  const worktree = person.at.folder
  await expect(person.attach({ worktree }, { SHELL: '/no/shell' })).rejects.toMatchObject({
    code: 'cannot-start',
  })
  await expect(person.attach({ worktree: '/no/folder' })).rejects.toMatchObject({
    code: 'cannot-start',
  })
})

test('a real terminal is joined: keys reach the shell unchanged, and so does its size', async () => {
  const at = new HostFixture()
  const program = join(import.meta.dirname, '../../support/attach-to-folder.ts')
  const source = '"$@"; code=$?; stty -a; exit $code'
  const command = [process.execPath, program, at.folder, at.runsDirectory]
  const terminal = spawn('/bin/sh', ['-c', source, 'sh', ...command], {
    cwd: '/',
    cols: 100,
    rows: 30,
    env: { ...ownPath, SHELL: '/bin/sh', PS1: '> ' },
  })
  onTestFinished(() => terminal.kill('SIGKILL'))
  let seen = ''
  terminal.onData((data) => {
    seen += data
  })
  const sees = (text: string) => until(() => seen.includes(text) || undefined, text)
  const ended = new Promise<number>((resolve) => terminal.onExit((end) => resolve(end.exitCode)))

  await sees('> ')
  terminal.write('stty size; pwd\r')
  await sees(`stty size; pwd\r\n30 100\r\n${at.folder}\r\n> `)
  terminal.write('sleep 1000\r')
  await until(() => at.sleeping().length === 1 || undefined, 'the program runs')
  // Ctrl-C is for the program in the shell, not for us.
  terminal.write('\x03')
  await sees('^C\r\n> ')
  terminal.resize(90, 20)
  terminal.write('until [ "$(stty size)" = "20 90" ]; do :; done; echo "now ""smaller"\r')
  await sees('now smaller')
  terminal.write('exit 3\r')
  expect(await ended).toBe(3)
  // The terminal is left as it was found.
  expect(seen).toMatch(/\sopost .* onlcr .*\sicanon .* echo /s)
})

test('L19: two hundred shells leave no terminal and no other descriptor behind', async () => {
  const person = new Person()
  const open = () => person.attach({ worktree: person.at.folder }, { SHELL: '/bin/true' })
  await open()
  const before = descriptors()
  for (let batch = 0; batch < 20; batch++)
    expect(await Promise.all(Array.from({ length: 10 }, open))).toEqual(Array(10).fill(0))
  expect(descriptors()).toEqual(before)
  expect(person.input.listenerCount('data')).toBe(0)
  expect(person.output.listenerCount('resize')).toBe(0)
})

function descriptors(): readonly string[] {
  const target = (name: string) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`)
    } catch {
      // The one that lists them.
      return ''
    }
  }
  return readdirSync('/proc/self/fd').map(target).filter(Boolean).sort()
}

test('while the agent works its output is followed to its end, from the beginning', async () => {
  const person = new Person()
  const { at } = person
  const source = 'echo one; until [ -e go ]; do sleep 0.01; done; echo two; printf three'
  const identity = await at.host.start('r1', at.script(source))
  const code = person.attach({ run: { id: 'r1', identity, state: 'running' }, worktree: at.folder })
  await person.sees('one\n')
  writeFileSync(join(at.folder, 'go'), '')
  expect(await code).toBe(0)
  expect(person.seen).toBe('one\ntwo\nthree')
})

test('of a long output only the end is shown, from a whole line on, and nothing is lost after it', async () => {
  const person = new Person()
  const { at } = person
  const source = 'seq 200000; until [ -e go ]; do sleep 0.01; done; seq 200001 400000; echo "last"'
  const identity = await at.host.start('r1', at.script(source))
  await until(() => at.output('r1').endsWith('\n200000\n') || undefined, 'the first part is out')
  const code = person.attach({ run: { id: 'r1', identity, state: 'running' } })
  await person.sees('\n200000\n')
  expect(person.seen.length).toBeLessThanOrEqual(64 * 1024)
  writeFileSync(join(at.folder, 'go'), '')
  await code

  const numbers = person.seen.split('\n').slice(0, -2).map(Number)
  expect(person.seen).toMatch(/\n400000\nlast\n$/)
  expect(numbers.at(-1)).toBe(400_000)
  expect(
    numbers.every((value, index) => index === 0 || value === (numbers[index - 1] ?? 0) + 1),
  ).toBe(true)
})

test('a run whose process is not known yet is followed like any other', async () => {
  const person = new Person()
  const { at } = person
  const source = 'echo one; until [ -e go ]; do sleep 0.01; done; echo two'
  await at.host.start('r1', at.script(source))
  const code = person.attach({ run: { id: 'r1', state: 'claimed' }, worktree: at.folder })
  await person.sees('one\n')
  writeFileSync(join(at.folder, 'go'), '')
  expect(await code).toBe(0)
  expect(person.seen).toBe('one\ntwo\n')
})

test('a run that has ended is not followed: its worktree is open to the person', async () => {
  const person = new Person()
  const { at } = person
  const identity = await at.host.start('r1', at.script('echo done'))
  await at.ended('r1', identity)
  const code = person.attach({ run: { id: 'r1', identity, state: 'running' }, worktree: at.folder })
  person.input.end('exit 4\n')
  expect(await code).toBe(4)
  expect(person.seen).not.toContain('done')
})
