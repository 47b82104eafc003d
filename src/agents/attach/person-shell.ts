import { spawnSync } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { findProgram } from '../../processes/program.ts'

/** The terminal that a person sits at; pipes will do, and then there is nothing to be resized. */
export interface PersonTerminal {
  readonly input: Readable & { readonly fd?: number; setRawMode?(raw: boolean): unknown }
  /** Emits `resize` where it is a terminal. */
  readonly output: Writable & { readonly columns?: number; readonly rows?: number }
}

const endOfInput = '\x04'
/** A shell that was just told to exit closes its terminal: nothing may be written to it then. */
const leavingMs = 50

/**
 * Opens the person's shell in `cwd`, in a pseudo-terminal that is joined to theirs, and returns its
 * exit code (128 + n for a signal) when it ends. Throws `Problem` `cannot-start` when there is no
 * such shell or folder.
 */
export async function openShell(
  cwd: string,
  environment: Readonly<Record<string, string | undefined>>,
  { input, output }: PersonTerminal,
  clock: Clock,
): Promise<number> {
  const defined = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  const env = Object.fromEntries(defined)
  const shell = findProgram({ command: env.SHELL || '/bin/sh', args: [], cwd, env })
  const { spawn } = await import('node-pty')
  const size = () => ({ cols: output.columns || 80, rows: output.rows || 24 })
  // Bytes both ways: whatever the encoding, it is an affair of the shell and the person's terminal.
  const options = { ...size(), cwd, env, name: env.TERM || 'xterm-256color', encoding: null }
  const pty = spawn(shell, [], options)

  const show = (data: string) => {
    if (output.write(data)) return
    pty.pause()
    output.once('drain', () => pty.resume())
  }
  const type = (data: Buffer) => pty.write(data)
  let ending: Timer | undefined
  const endInput = () => {
    ending = clock.after(leavingMs, () => {
      if (isThere(pty.pid)) pty.write(endOfInput)
    })
  }
  const resize = () => pty.resize(size().cols, size().rows)

  pty.onData(show)
  input.on('data', type).once('end', endInput)
  output.on('resize', resize)
  joinKeys(input)
  try {
    const { exitCode, signal } = await new Promise<{ exitCode: number; signal?: number }>(
      (resolve) => pty.onExit(resolve),
    )
    return signal ? 128 + signal : exitCode
  } finally {
    ending?.cancel()
    input.setRawMode?.(false)
    input.pause()
    input.off('data', type).off('end', endInput)
    output.off('resize', resize)
  }
}

/** It may have exited a moment before anybody tells so. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Keys go to the shell as they are, Ctrl-C included, and output comes from it as it is. */
function joinKeys(input: PersonTerminal['input']): void {
  input.resume()
  if (!input.setRawMode) return
  input.setRawMode(true)
  // Node's raw mode still makes two characters of a line feed, which full-screen programs send to
  // move straight down. Leaving raw mode undoes this as well.
  spawnSync('stty', ['-opost'], { stdio: [input.fd, 'ignore', 'ignore'] })
}
