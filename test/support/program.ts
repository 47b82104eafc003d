import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** Only catches a hang. */
const silenceMs = 60_000
const entry = join(import.meta.dirname, '../../bin/huskies.js')

/** How a started program ended, and all that it said. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
  readonly errors: string
}

/** The whole program in a process of its own, as a user starts it. */
export class Program {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  output = ''
  errors = ''

  constructor(args: readonly string[], options: ProgramOptions) {
    const [command, ...first] = options.command ?? [process.execPath, options.entry ?? entry]
    this.child = spawn(command, [...first, ...args], {
      cwd: options.cwd,
      env: { ...cleanEnvironment(options.cwd), ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text
    })
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) =>
        resolve({ code, signal, output: this.output, errors: this.errors }),
      )
    })
    // The program may be gone before its input was written: that is what some tests are about.
    this.child.stdin?.on('error', () => {})
    if (options.input !== undefined) this.child.stdin?.end(options.input)
  }

  /** Types a line. */
  say(line: string): void {
    this.child.stdin?.write(`${line}\n`)
  }

  /** Ends the input, as the end of a script does. */
  close(): void {
    this.child.stdin?.end()
  }

  /** Resolves once the output holds `text`; rejects if the program ends before, or says nothing for a minute. */
  async until(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      const over = await Promise.race([
        this.ended.then(() => 'ended'),
        new Promise<undefined>((resolve) => {
          this.child.stdout?.once('data', () => resolve(undefined))
        }),
        pause(silenceMs, 'silent', { ref: false }),
      ])
      if (over && !this.output.includes(text))
        throw new Error(`${over} without saying "${text}":\n${this.output}\n${this.errors}`)
    }
  }
}

export interface ProgramOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** All of standard input; it stays open where this is missing. */
  readonly input?: string
  readonly entry?: string
  /** What is started instead of this very Node with an entry. */
  readonly command?: readonly [string, ...string[]]
}

/** Runs the program to its end. */
export function run(args: readonly string[], options: ProgramOptions): Promise<Ended> {
  return new Program(args, { input: '', ...options }).ended
}

/** Nothing of the machine's settings: no git configuration, no colours, a home of its own. */
export function cleanEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: home,
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  }
}
