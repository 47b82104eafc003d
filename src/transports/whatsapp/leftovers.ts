import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { type Clock, pause } from '../../kernel/clock.ts'
import { ConnectionFailure } from '../transport.ts'

const patienceMs = 5000
const lookMs = 20

/**
 * Ends the browsers that use this profile: those that an earlier program left, since whoever calls
 * holds the profile's lock. Throws `ConnectionFailure` where one does not end.
 */
export async function endLeftovers(profile: string, clock: Clock): Promise<void> {
  const until = clock.now() + patienceMs
  for (;;) {
    const left = browsersOf(profile)
    if (left.length === 0) return
    for (const pid of left) end(pid)
    if (clock.now() >= until)
      throw new ConnectionFailure(
        'lost',
        `A browser of an earlier start does not end (process ${left.join(', ')}): end it.`,
      )
    await pause(clock, lookMs)
  }
}

/** The processes that were started with this very profile. */
export function browsersOf(profile: string): readonly number[] {
  const marks = [` --user-data-dir=${profile} `, ` --database=${profile}/`]
  return processes()
    .filter(({ command }) => marks.some((mark) => `${command} `.includes(mark)))
    .map(({ pid }) => pid)
}

function processes(): readonly { readonly pid: number; readonly command: string }[] {
  if (process.platform === 'linux')
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => ({ pid: Number(name), command: commandOf(name) }))
  const lines = execFileSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8' })
  return lines.split('\n').map((line) => {
    const [, pid, command = ''] = /^\s*(\d+) (.*)$/.exec(line) ?? []
    return { pid: Number(pid), command }
  })
}

/**
 * As `ps` shows it, with spaces between the arguments. Empty for a process that has ended meanwhile,
 * or ended and was not noticed by its parent yet.
 */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has just ended, or is another user's: the next look tells.
  }
}
