import { lastLines } from '../programs/bounded-output.ts'
import type { Programs } from '../programs/programs.ts'

/** What became of opening one: unknown, where the program was ended before it had told. */
export type Opened =
  | { readonly kind: 'opened' | 'unknown' }
  | { readonly kind: 'failed'; readonly because: string }

/** Opens pull requests, each of which is known by its branch. */
export interface PullRequests {
  open(branch: string, title: string): Promise<Opened>
  /** Whether one of the branch is open; undefined where nobody can tell. */
  isOpen(branch: string): Promise<boolean | undefined>
}

type Command = readonly [string, ...string[]]

export interface PullRequestPrograms {
  readonly programs: Programs
  /** `{branch}`, `{base}` and `{title}` in its arguments are filled in; no shell sees them. */
  readonly open: Command
  /** Prints something where one is open, and ends with 0. */
  readonly find?: Command | undefined
  readonly base: string
  readonly cwd: string
  /** Ends them when the program stops. */
  readonly stopping: AbortSignal
}

const timeoutMs = 120_000

/** Has the project's own programs open pull requests and look for them. */
export function pullRequestsBy(parts: PullRequestPrograms): PullRequests {
  const { programs, base, cwd, stopping } = parts
  const run = ([program, ...args]: Command, values: Readonly<Record<string, string>>) => {
    const filled = args.map((arg) =>
      arg.replaceAll(/\{(branch|base|title)\}/g, (_, name: string) => values[name] ?? ''),
    )
    // One key for both: whoever looks does not look while an earlier start's program still opens.
    const call = { command: [program, ...filled] as const, cwd, timeoutMs }
    return programs.run('pull-request', call, stopping)
  }
  return {
    async open(branch, title) {
      const { code, output } = await run(parts.open, { branch, base, title })
      if (code === undefined) return { kind: 'unknown' }
      if (code === 0) return { kind: 'opened' }
      const said = lastLines(output, 5, 500)
      return {
        kind: 'failed',
        because: `${parts.open[0]} could not open the pull request: ${said}`,
      }
    },
    async isOpen(branch) {
      if (!parts.find) return undefined
      const { code, output } = await run(parts.find, { branch, base })
      return code === 0 ? output.trim() !== '' : undefined
    },
  }
}
