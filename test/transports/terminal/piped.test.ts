import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import type { IncomingMessage } from '../../../src/bot/message.ts'
import { TerminalTransport } from '../../../src/transports/terminal/terminal-transport.ts'
import { connect, sendWhole } from '../../support/connect.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const program = join(import.meta.dirname, '../../support/echo-terminal.ts')
const never = new AbortController().signal

/** Feeds `chunks` to a transport and returns what it handed in and wrote by the end of the input. */
async function converse(chunks: Iterable<Buffer | string>) {
  const output = new PassThrough()
  const transport = terminal(Readable.from(chunks), output)
  const messages: IncomingMessage[] = []
  const line = connect(transport, async (message) => {
    messages.push(message)
  })
  const ending = await transport.ended
  await line.stop()
  return { ending, messages, texts: messages.map(({ text }) => text), shown: shownBy(output) }
}

function terminal(input: Readable, output: Writable, random = 0.5) {
  const clock = new FakeClock(1000)
  return new TerminalTransport({
    input,
    output,
    person: 'anna',
    clock,
    random: () => random,
    env: {},
    commands: [],
    onInterrupt: () => {},
  })
}

function shownBy(output: PassThrough): string {
  return (output.read() as Buffer | null)?.toString() ?? ''
}

test('each line is one message of the person at the terminal', async () => {
  const { messages, ending } = await converse(['help\nstory Add', ' a greeting\n'])
  expect(ending).toEqual({ kind: 'input-ended' })
  expect(messages).toEqual([
    expect.objectContaining({
      transport: 'terminal',
      room: 'anna',
      sender: { id: 'terminal:anna', name: 'anna' },
      text: 'help',
      direct: true,
      addressed: true,
      at: 1000,
    }),
    expect.objectContaining({ text: 'story Add a greeting' }),
  ])
  expect(new Set(messages.map(({ eventId }) => eventId)).size).toBe(2)
})

test('carriage returns are dropped, empty lines ignored, and the last line needs no line feed', async () => {
  const { texts } = await converse(['help\r\n\r\n   \n', 'status'])
  expect(texts).toEqual(['help', 'status'])
})

test('a line that ends in a backslash is continued, with empty lines in its body', async () => {
  const { texts } = await converse(['story Add\\\nfirst\\\n\\\nlast\ncopy C:\\\\\nopen\\\n'])
  expect(texts).toEqual(['story Add\nfirst\n\nlast', 'copy C:\\\\', 'open'])
})

test('a character that is cut between two chunks arrives whole, and invalid bytes do not stop it', async () => {
  const husky = Buffer.from('🐺\n')
  const { texts } = await converse([
    husky.subarray(0, 2),
    husky.subarray(2),
    Buffer.from([0xff, 0xfe, 0x61, 0x0a]),
    'next\n',
  ])
  expect(texts).toEqual(['🐺', '\ufffd\ufffda', 'next'])
})

test('a line of more than ten megabytes is refused with one sentence, and the next one is read', async () => {
  const part = Buffer.alloc(1_000_000, 'x')
  const { texts, shown } = await converse([...Array(11).fill(part), '\nhelp\n'])
  expect(texts).toEqual(['help'])
  expect(shown).toMatch(/^A message of more than 10 MB was left out: [^\n]*\.\n$/)
})

test('a message of too many lines is refused as a whole, up to its last line', async () => {
  const line = `${'x'.repeat(1_000_000)}\\\n`
  const { texts, shown } = await converse([...Array(11).fill(line), 'end\n', 'help\n'])
  expect(texts).toEqual(['help'])
  expect(shown.match(/10 MB/g)).toHaveLength(1)
})

test('the next line is not handed in before the former one is stored', async () => {
  const transport = terminal(Readable.from(['one\ntwo\nthree\n']), new PassThrough())
  const log: string[] = []
  connect(transport, async ({ text }) => {
    log.push(`${text} came`)
    await new Promise(setImmediate)
    log.push(`${text} stored`)
  })
  await transport.ended
  expect(log).toEqual(['one', 'two', 'three'].flatMap((text) => [`${text} came`, `${text} stored`]))
})

test('a message that cannot be stored ends the input with its error, and nothing follows it', async () => {
  const transport = terminal(Readable.from(['one\ntwo\n']), new PassThrough())
  const texts: string[] = []
  const error = new Error('The disk is full.')
  connect(transport, async ({ text }) => {
    texts.push(text)
    throw error
  })
  expect(await transport.ended).toEqual({ kind: 'failed', error })
  expect(texts).toEqual(['one'])
})

test('replies are written as plain text, one after the other', async () => {
  const output = new PassThrough()
  const transport = terminal(new PassThrough(), output)
  const line = connect(transport, async () => {})
  await sendWhole(transport, { ...transport.place, id: '1', text: '**Done.** See `log`.' }, never)
  await sendWhole(transport, { ...transport.place, id: '2', text: '# Board' }, never)
  await line.stop()
  expect(shownBy(output)).toBe('Done. See `log`.\nBoard\n')
})

test('a reader that has gone away stops the transport and harms nobody', async () => {
  const output = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) })
  const transport = terminal(new PassThrough(), output)
  const line = connect(transport, async () => {})
  const sending = sendWhole(transport, { ...transport.place, id: '1', text: 'Hello' }, never)
  await expect(sending).rejects.toMatchObject({ name: 'SendFailure', kind: 'gone' })
  expect(await transport.ended).toEqual({ kind: 'output-gone' })
  await line.ended
  const later = sendWhole(transport, { ...transport.place, id: '2', text: 'Hello' }, never)
  await expect(later).rejects.toMatchObject({ kind: 'cancelled' })
})

test('stopping ends the reading of an input that is still open', async () => {
  const transport = terminal(new PassThrough(), new PassThrough())
  const line = connect(transport, async () => {})
  await line.stop()
  expect(await transport.ended).toEqual({ kind: 'stopped' })
})

test('ids of events are not used again after a restart', async () => {
  const ids: string[] = []
  for (const random of [0.25, 0.75]) {
    const transport = terminal(Readable.from(['one\ntwo\n']), new PassThrough(), random)
    connect(transport, async ({ eventId }) => {
      ids.push(eventId)
    })
    await transport.ended
  }
  expect(new Set(ids).size).toBe(4)
})

test('a message for somebody who does not sit here is not shown', async () => {
  const output = new PassThrough()
  const transport = terminal(new PassThrough(), output)
  const sending = sendWhole(
    transport,
    { ...transport.place, room: 'bert', id: '1', text: 'Psst' },
    never,
  )
  await expect(sending).rejects.toMatchObject({ kind: 'gone' })
  expect(shownBy(output)).toBe('')
})

test('a real program reads a real pipe to its end, answers, and leaves by itself', async () => {
  const { stdout, code } = await run((child) => child.stdin.end('hello\r\nsame'))
  expect(stdout).toBe('You said: `"hello"`\nYou said: `"same"`\nended: input-ended\n')
  expect(code).toBe(0)
})

test('a real program whose reader has gone away ends without a word and without a fault', async () => {
  const { stderr, code } = await run((child) => {
    child.stdout.destroy()
    child.stdin.write('hello\n')
  })
  expect(stderr).toBe('')
  expect(code).toBe(0)
})

async function run(drive: (child: ChildProcessWithoutNullStreams) => void) {
  const child = spawn(process.execPath, [program], { env: { PATH: process.env.PATH } })
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (data) => {
    said.stdout += data
  })
  child.stderr.on('data', (data) => {
    said.stderr += data
  })
  drive(child)
  const [code] = await once(child, 'close')
  return { ...said, code }
}
