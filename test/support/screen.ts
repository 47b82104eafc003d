import { fileURLToPath } from 'node:url'
import { Terminal } from '@xterm/headless'
import { spawn } from 'node-pty'
import { expect, vi } from 'vitest'

/** A program in a real PTY, and what a person would see of it in a real terminal. */
export class ScreenOf implements AsyncDisposable {
  readonly #terminal: Terminal
  readonly #pty
  readonly #exit: Promise<number>
  /** Every byte that the program wrote, as text. */
  raw = ''

  constructor(
    program: URL,
    options: {
      args?: readonly string[]
      cwd?: string
      env?: NodeJS.ProcessEnv
      columns?: number
      rows?: number
    } = {},
  ) {
    const { args = [], cwd = process.cwd(), env = {}, columns: cols = 60, rows = 20 } = options
    this.#terminal = new Terminal({ cols, rows, allowProposedApi: true })
    this.#pty = spawn(process.execPath, [fileURLToPath(program), ...args], {
      cwd,
      cols,
      rows,
      env: { PATH: process.env.PATH, TERM: 'xterm-256color', ...env },
    })
    this.#pty.onData((data) => {
      this.raw += data
      this.#terminal.write(data)
    })
    this.#exit = new Promise((resolve) => this.#pty.onExit(({ exitCode }) => resolve(exitCode)))
  }

  /** The rows from the top of the scrollback to the last one that is not empty. */
  get text(): string {
    const buffer = this.#terminal.buffer.active
    const rows = Array.from({ length: buffer.length }, (_, row) =>
      buffer.getLine(row)?.translateToString(true),
    )
    return rows.join('\n').trimEnd()
  }

  /** Where the cursor is, in columns from the left. */
  get cursorColumn(): number {
    return this.#terminal.buffer.active.cursorX
  }

  type(keys: string): void {
    this.#pty.write(keys)
  }

  signal(name: string): void {
    this.#pty.kill(name)
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows)
    this.#pty.resize(columns, rows)
  }

  /** Resolves when the screen's text is, or matches, what is expected. */
  async shows(expected: string | RegExp): Promise<void> {
    const look = () => {
      if (typeof expected === 'string') expect(this.text).toBe(expected)
      else expect(this.text).toMatch(expected)
    }
    await vi.waitFor(look, { timeout: 20_000, interval: 10 })
  }

  /** The program's exit code. */
  exit(): Promise<number> {
    return this.#exit
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pty.kill('SIGKILL')
    await this.#exit
    this.#terminal.dispose()
  }
}
