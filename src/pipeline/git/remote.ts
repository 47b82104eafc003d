import { Problem } from '../../kernel/problem.ts'
import type { GitResult } from './git.ts'
import type { Repository } from './repository.ts'

/** What the remote said to a commit. */
export type PushResult =
  | { readonly kind: 'taken' }
  /** Its branch is not where it was expected: somebody else was faster. */
  | { readonly kind: 'moved' }
  /** A rule or a hook of the remote's own; `because` is what it said. */
  | { readonly kind: 'refused'; readonly because: string }

/**
 * The base branch where others push to. Whatever keeps the remote from being asked is thrown as a
 * `Problem`: `remote-unreachable`, `remote-credentials`, `no-remote-branch`.
 */
export class Remote {
  readonly name: string
  readonly #repository: Repository

  constructor(repository: Repository, name: string) {
    this.#repository = repository
    this.name = name
  }

  /** The remote that the base branch follows, else `origin`. `Problem` `no-remote` if it is not there. */
  static async of(repository: Repository): Promise<Remote> {
    const { git, base } = repository
    const upstream = await git.attempt(['config', '--get', `branch.${base}.remote`])
    const name = upstream.code === 0 ? upstream.stdout.trimEnd() : 'origin'
    const url = await git.attempt(['config', '--get', `remote.${name}.url`])
    if (url.code === 0) return new Remote(repository, name)
    throw new Problem(
      'no-remote',
      `push is true, and there is no remote ${name}: add it with git remote add ${name} URL, or set push = false in .huskies/project.toml.`,
    )
  }

  /** Asks the remote, and returns the head of its base branch. */
  async fetch(): Promise<string> {
    const { git, base, baseRef } = this.#repository
    const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules']
    const refs = `+${baseRef}:${this.#tracking}`
    const fetched = await git.attempt(['fetch', ...options, this.name, refs])
    if (/couldn't find remote ref/.test(fetched.stderr))
      throw new Problem(
        'no-remote-branch',
        `${this.name} has no branch ${base}: run git push ${this.name} ${base} once.`,
      )
    if (fetched.code !== 0) throw this.#trouble(fetched)
    return (await git.run(['rev-parse', this.#tracking])).trimEnd()
  }

  /** Whether its base branch had the commit when it was fetched last. */
  async had(commit: string): Promise<boolean> {
    const { git } = this.#repository
    return (await git.attempt(['merge-base', '--is-ancestor', commit, this.#tracking])).code === 0
  }

  /** Moves its base branch from `expected` to `commit`, or not at all. */
  async push(commit: string, expected: string): Promise<PushResult> {
    const { baseRef } = this.#repository
    return this.#push(`--force-with-lease=${baseRef}:${expected}`, `${commit}:${baseRef}`)
  }

  /** Makes a branch that is ours alone name the commit, whatever it named before. */
  pushBranch(commit: string, branch: string): Promise<PushResult> {
    return this.#push('--force', `${commit}:refs/heads/${branch}`)
  }

  /** The commit of its base branch that makes the very change of `commit`, as a merged pull request may. */
  async equivalent(commit: string): Promise<string | undefined> {
    const options = ['--no-merges', '--cherry-mark', '--right-only', '--max-count=1000']
    const range = `${commit}...${this.#tracking}`
    const text = await this.#repository.git.run(['rev-list', ...options, range])
    return /^=(\w+)$/m.exec(text)?.[1]
  }

  async subject(commit: string): Promise<string> {
    return (await this.#repository.git.run(['log', '-1', '--format=%s', commit])).trimEnd()
  }

  async #push(force: string, refs: string): Promise<PushResult> {
    const { git } = this.#repository
    const options = ['--porcelain', '--no-verify', '--no-follow-tags', force]
    const pushed = await git.attempt(['push', ...options, this.name, refs])
    if (pushed.code === 0) return { kind: 'taken' }
    const why = /^!\t\S+\t\[(?:remote )?rejected\] \((.*)\)$/m.exec(pushed.stdout)?.[1]
    if (why === undefined) throw this.#trouble(pushed)
    if (raced.test(why)) return { kind: 'moved' }
    const said = [...pushed.stderr.matchAll(/^remote: ?(.*?)\s*$/gm)].map(([, line]) => line)
    return { kind: 'refused', because: [why, ...said].join('\n').trimEnd().slice(0, 4_000) }
  }

  get #tracking(): string {
    return `refs/remotes/${this.name}/${this.#repository.base}`
  }

  #trouble({ stderr }: GitResult): Problem {
    const said = stderr.replace(/\/\/[^/@\s]*@/g, '//').trim()
    if (credentials.test(stderr))
      return new Problem(
        'remote-credentials',
        `${this.name} does not accept who we are: see that git push ${this.name} works on this machine without a question. ${said}`,
      )
    return new Problem('remote-unreachable', `${this.name} cannot be reached. ${said}`)
  }
}

/** What git and its servers call a branch that is not where it was expected. */
const raced =
  /stale info|fetch first|non-fast-forward|incorrect old value|cannot lock ref|failed to update ref|reference already exists/
const credentials =
  /Authentication failed|could not read (Username|Password)|Permission denied|Invalid username or password|error: 40[13]/i
