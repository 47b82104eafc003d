import type { SimpleGitOptions } from 'simple-git'
import { type LockFiles, lockedBy, lockMet } from './lock-files.ts'

/** What a git command may be given beside its arguments. */
export interface GitOptions {
  /** Written to standard input. Never empty: simple-git would leave the input open for ever. */
  readonly input?: string
  /** Variables for this one command. */
  readonly environment?: Readonly<Record<string, string>>
}

/** What a git command said and how it ended. */
export interface GitResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A git command failed that should not have. The message holds what git said, for the log. */
export class GitError extends Error {
  override readonly name = 'GitError'
  readonly code: number
  readonly stderr: string

  constructor(args: readonly string[], result: GitResult) {
    super(`git ${args.join(' ')} ended with ${result.code}: ${result.stderr.trim()}`)
    this.code = result.code
    this.stderr = result.stderr
  }
}

/**
 * No hook of the project runs for what the program itself does, no daemon answers in git's stead,
 * no clean-up starts in the background, and another git that writes a ref is waited for.
 */
const config = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.filesRefLockTimeout=2000',
  'core.packedRefsTimeout=2000',
  'gc.auto=0',
  'maintenance.auto=false',
]

const fixed = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_EDITOR: 'false',
  // ssh asks nobody either: what it would ask at the terminal goes to a program that says no.
  SSH_ASKPASS: 'false',
  SSH_ASKPASS_REQUIRE: 'force',
  GIT_PAGER: 'cat',
  GIT_NO_REPLACE_OBJECTS: '1',
  LC_ALL: 'C',
}

/** What of git's own variables is inherited: who a person is, and where their configuration lies. */
const inherited = [
  'GIT_AUTHOR_EMAIL',
  'GIT_AUTHOR_NAME',
  'GIT_COMMITTER_EMAIL',
  'GIT_COMMITTER_NAME',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_CONFIG_SYSTEM',
  'GIT_SSH',
  'GIT_SSH_COMMAND',
]

/** The guard of simple-git against options that a stranger may have written; here all are our own. */
const unsafe: NonNullable<SimpleGitOptions['unsafe']> = {
  allowUnsafeConfigPaths: true,
  allowUnsafeEditor: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeHooksPath: true,
  allowUnsafePager: true,
  allowUnsafeAskPass: true,
  allowUnsafeSshCommand: true,
}

/** A command that writes a ref may meet so many left-over locks, one after another. */
const mostLocks = 4

/**
 * Runs git in one directory. Arguments go to the program as they are; no shell ever sees them. Where
 * another git holds a lock that the command needs, it throws `Problem` `git-locked`.
 */
export class Git {
  readonly directory: string
  readonly #locks: LockFiles | undefined
  readonly #environment: Readonly<Record<string, string>>

  /** Without `locks`, those that killed gits have left stay where they are. */
  constructor(
    directory: string,
    environment: Readonly<Record<string, string | undefined>>,
    locks?: LockFiles,
  ) {
    this.directory = directory
    this.#locks = locks
    this.#environment = { ...cleaned(environment), ...fixed }
  }

  /** The same git in another directory. */
  in(directory: string): Git {
    return new Git(directory, this.#environment, this.#locks)
  }

  /** What the command writes to standard output. Any exit code but 0 throws a `GitError`. */
  async run(args: readonly string[], options: GitOptions = {}): Promise<string> {
    const result = await this.attempt(args, options)
    if (result.code !== 0) throw new GitError(args, result)
    return result.stdout
  }

  /** As `run`, for a command whose exit code is an answer. */
  async attempt(args: readonly string[], options: GitOptions = {}): Promise<GitResult> {
    for (let met = 0; ; met++) {
      const result = await this.#call(args, options)
      const lock = result.code === 0 ? undefined : lockMet(result.stderr)
      if (lock === undefined) return result
      if (met === mostLocks || !this.#locks?.release(lock)) throw lockedBy(lock)
    }
  }

  async #call(args: readonly string[], options: GitOptions): Promise<GitResult> {
    const { simpleGit } = await import('simple-git')
    const environment = { ...this.#environment, ...options.environment }
    let ended: Pick<GitResult, 'code' | 'stderr'> = { code: -1, stderr: '' }
    const git = simpleGit({
      baseDir: this.directory,
      config,
      unsafe,
      allowEnvironment: Object.keys(environment),
      ...(options.input !== undefined && { input: () => options.input }),
      // Decides by the exit code alone; what simple-git itself makes of the output is not asked.
      errors(error, result) {
        if (result.exitCode < 0 || result.exitCode === null) return error
        ended = { code: result.exitCode, stderr: Buffer.concat(result.stdErr).toString() }
        return undefined
      },
    })
    // simple-git waits 50 ms for a command that printed nothing. An empty chunk tells it that the
    // streams are connected; that is all it waits for.
    git.outputHandler((_command, stdout) => {
      queueMicrotask(() => stdout.emit('data', Buffer.alloc(0)))
    })
    const stdout = await git.env(environment).raw([...args])
    return { ...ended, stdout }
  }
}

function cleaned(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const kept = Object.entries(environment).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      (!/^(git_|editor$|visual$|pager$|prefix$|ssh_askpass$)/i.test(entry[0]) ||
        inherited.includes(entry[0])),
  )
  return Object.fromEntries(kept)
}
