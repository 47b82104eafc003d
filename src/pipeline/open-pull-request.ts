import { lastLines } from './bounded-output.ts'
import type { OpenPullRequest } from './git/proposing-trunk.ts'
import type { Programs } from './programs.ts'

export interface PullRequestProgram {
  readonly programs: Programs
  /** `{branch}`, `{base}` and `{title}` in its arguments are filled in; no shell sees them. */
  readonly command: readonly [string, ...string[]]
  readonly base: string
  readonly cwd: string
  /** Ends it when the program stops. */
  readonly stopping: AbortSignal
}

const timeoutMs = 120_000

/** Has the project's own program open pull requests. */
export function openWith(parts: PullRequestProgram): OpenPullRequest {
  const { programs, base, cwd, stopping } = parts
  return async (branch, title) => {
    const [program, ...args] = parts.command
    const values: Readonly<Record<string, string>> = { branch, base, title }
    const filled = args.map((arg) =>
      arg.replaceAll(/\{(branch|base|title)\}/g, (_, name: string) => values[name] ?? ''),
    )
    const call = { command: [program, ...filled] as const, cwd, timeoutMs }
    const end = await programs.run('pull-request', call, stopping)
    if (end.code === 0) return undefined
    return `${program} could not open the pull request: ${lastLines(end.output, 5, 500)}`
  }
}
