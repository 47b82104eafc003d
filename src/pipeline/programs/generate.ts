import { Problem } from '../../kernel/problem.ts'
import { lastLines } from './bounded-output.ts'
import type { Programs } from './programs.ts'

/** Makes what is made of other files, in a checkout of what is to land. */
export type Generate = (directory: string) => Promise<void>

export interface GenerateParts {
  readonly programs: Programs
  /** As the project's settings have them. */
  readonly commands: readonly (readonly [string, ...string[]])[]
  /** Ends what runs when the program stops. */
  readonly stopping: AbortSignal
}

const timeoutMs = 10 * 60_000

/**
 * Runs the project's own commands, one after another; undefined where there are none. Throws
 * `Problem` `generate-failed` with what the failing one printed last.
 */
export function generateWith(parts: GenerateParts): Generate | undefined {
  const { programs, commands, stopping } = parts
  if (commands.length === 0) return undefined
  return async (cwd) => {
    for (const command of commands) {
      const { code, output } = await programs.run('merge', { command, cwd, timeoutMs }, stopping)
      if (code === 0) continue
      throw new Problem(
        'generate-failed',
        `The command "${command.join(' ')}" of [merge] generate failed on what is to land: mend it, or the settings.\n${lastLines(output, 25, 4_000)}`.trimEnd(),
      )
    }
  }
}
