/**
 * A program with the terminal transport and a bot that only knows a few words, for tests in a PTY.
 * SIGUSR2 makes it say something unasked. Its last line tells why it ended.
 */
import { systemClock } from '../../src/kernel/clock.ts'
import { TerminalTransport } from '../../src/transports/terminal/terminal-transport.ts'
import { connect, sendWhole } from './connect.ts'

const historyFile = process.env.HISTORY_FILE
let interrupts = 0

const transport = new TerminalTransport({
  input: process.stdin,
  output: process.stdout,
  person: 'anna',
  clock: systemClock,
  random: Math.random,
  env: process.env,
  commands: [
    { name: 'status', aliases: ['board'], usage: 'status [N]' },
    { name: 'start', usage: 'start N' },
    { name: 'help', usage: 'help [COMMAND]' },
  ],
  ...(historyFile === undefined ? {} : { historyFile }),
  onInterrupt: () => {
    interrupts += 1
    if (interrupts === 1) say('Again to leave.')
    else leave('interrupted')
  },
})

const signal = new AbortController().signal
let sent = 0

async function say(text: string, choices: readonly string[] = []): Promise<string> {
  const labels = choices.map((label) => ({ label }))
  const message = { ...transport.place, id: `message-${++sent}`, text, choices: labels }
  return (await sendWhole(transport, message, signal)).messageId
}

let streamed = ''
let streaming = ''

async function answer(text: string): Promise<void> {
  const [word = '', ...rest] = text.split(' ')
  if (word === 'ask') await say('Delete it?', ['Delete it', 'Keep it'])
  else if (word === 'busy') await transport.typing(transport.place, true)
  else if (word === 'idle') await transport.typing(transport.place, false)
  else if (word === 'stream') {
    streamed = rest.join(' ')
    streaming = await say(streamed)
  } else await say(`You said: \`${JSON.stringify(text)}\``)
}

/** Each signal adds to the message that is streamed; without one it says something of its own. */
process.on('SIGUSR2', async () => {
  if (streaming === '') return say('A word **unasked**.')
  streamed += '\nmore'
  const message = { ...transport.place, id: streaming, text: streamed }
  const [part] = transport.parts(message)
  return part && transport.edit(streaming, part, signal)
})

/** Nothing of the transport may keep the program alive. */
async function leave(why: string): Promise<void> {
  await line.stop()
  process.stdout.write(`ended: ${why}\n`)
}

const line = connect(transport, async ({ text }) => answer(text))
const { kind } = await transport.ended
if (kind !== 'stopped') await leave(kind)
