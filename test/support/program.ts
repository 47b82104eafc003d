import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

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
    this.child = spawn(options.node ?? process.execPath, [options.entry ?? entry, ...args], {
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

  /** Resolves once the output holds `text`; rejects if the program ends before. */
  async until(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      const over = await Promise.race([
        this.ended.then(() => true),
        new Promise<false>((resolve) => {
          this.child.stdout?.once('data', () => resolve(false))
        }),
      ])
      if (over && !this.output.includes(text))
        throw new Error(`ended without saying "${text}":\n${this.output}\n${this.errors}`)
    }
  }
}

export interface ProgramOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** All of standard input; it stays open where this is missing. */
  readonly input?: string
  readonly node?: string
  readonly entry?: string
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
