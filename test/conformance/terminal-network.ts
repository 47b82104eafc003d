import { PassThrough, Writable } from 'node:stream'
import { Terminal } from '@xterm/headless'
import { TerminalTransport } from '../../src/transports/terminal/terminal-transport.ts'
import { FakeClock } from '../support/fake-clock.ts'
import type { Network } from './network.ts'

/** A script at the other ends of two pipes. */
export function openPipes(): Network {
  let written = ''
  const take = async (text: string) => {
    written += text
  }
  return open({ isTTY: false, lineEnd: '\n', take, seen: async () => written, ready: () => true })
}

/** A person at a terminal, whose screen is a real terminal emulator's. */
export function openScreen(): Network {
  const terminal = new Terminal({ cols: 80, rows: 24, scrollback: 5000, allowProposedApi: true })
  const take = (text: string) => new Promise<void>((resolve) => terminal.write(text, resolve))
  const seen = async () => {
    const { active } = terminal.buffer
    const rows = Array.from({ length: active.length }, (_, row) => active.getLine(row))
    return rows.map((row) => row?.translateToString(true)).join('\n')
  }
  const ready = async () => (await seen()).includes('>')
  return open({ isTTY: true, lineEnd: '\r', take, seen, ready })
}

interface Sides {
  readonly isTTY: boolean
  readonly lineEnd: string
  /** Takes what was written, on the way to the person. */
  take(text: string): Promise<void>
  seen(): Promise<string>
  ready(): boolean | Promise<boolean>
}

function open({ isTTY, lineEnd, take, seen, ready }: Sides): Network {
  let health: 'well' | 'stalled' | 'broken' = 'well'
  const input = Object.assign(new PassThrough(), { isTTY })
  const writable = new Writable({
    async write(chunk, _encoding, done) {
      if (health === 'broken') return done(new Error('The reader is gone.'))
      // A line feed that is written to a terminal's device gains a carriage return on its way.
      await take(isTTY ? `${chunk}`.replace(/(?<!\r)\n/g, '\r\n') : `${chunk}`)
      if (health !== 'stalled') done()
    },
  })
  const output = Object.assign(writable, { isTTY, columns: 80, rows: 24 })
  const clock = new FakeClock()
  const transport = new TerminalTransport({
    input,
    output,
    person: 'anna',
    clock,
    random: () => 0.5,
    env: {},
    commands: [],
    onInterrupt: () => {},
  })
  return {
    transport,
    clock,
    place: transport.place,
    says: (text) => void input.write(text + lineEnd),
    seen,
    ready: async () => ready(),
    stalls: () => {
      health = 'stalled'
    },
    breaks: () => {
      health = 'broken'
    },
    async [Symbol.asyncDispose]() {
      input.destroy()
    },
  }
}
