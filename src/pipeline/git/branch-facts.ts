import { Problem } from '../../kernel/problem.ts'
import type {
  BranchFacts,
  BranchState,
  Commit,
  FileChange,
  FileSize,
  Log,
} from '../branch-facts.ts'
import type { Repository } from './repository.ts'

/** The base branch as git knows it. Nothing here writes, so that nothing waits for a lock. */
export class GitBranchFacts implements BranchFacts {
  readonly #repository: Repository

  constructor(repository: Repository) {
    this.#repository = repository
  }

  async log(since?: string): Promise<Log> {
    const { git, baseRef } = this.#repository
    const from = since === undefined ? await this.#lastTag() : await this.#known(since)
    const range = from === undefined ? [baseRef] : [`${from}..${baseRef}`]
    const text = await git.run(['log', '-z', '--format=%H %s', '--end-of-options', ...range])
    return { ...(from !== undefined && { since: from }), commits: parts(text).map(asCommit) }
  }

  async changes(commit: string): Promise<readonly FileChange[] | undefined> {
    const { git } = this.#repository
    const wanted = ['--numstat', '-z', '--no-renames', '--root', '-r', '--no-commit-id']
    const { code, stdout } = await git.attempt(['diff-tree', ...wanted, '--end-of-options', commit])
    return code === 0 ? parts(stdout).map(asChange) : undefined
  }

  async state(): Promise<BranchState> {
    const { git, base, baseRef } = this.#repository
    const upstreamName = ['for-each-ref', '--format=%(upstream:short)', baseRef]
    const [head, upstream, branch, id, status] = await Promise.all([
      git.run(['log', '-1', '--format=%H %s', baseRef]),
      git.run(upstreamName),
      git.attempt(['symbolic-ref', '--short', '--quiet', 'HEAD']),
      git.run(['rev-parse', 'HEAD']),
      git.run(['status', '--porcelain', '-z', '--no-renames', '--untracked-files=all'], quietly),
    ])
    const followed = await this.#distance(upstream.trim())
    return {
      base,
      head: asCommit(head.trimEnd()),
      ...(followed && { upstream: followed }),
      checkedOut: branch.code === 0 ? branch.stdout.trimEnd() : id.trimEnd(),
      uncommitted: parts(status).map((entry) => entry.slice(3)),
    }
  }

  async files(): Promise<readonly FileSize[]> {
    const { git, baseRef } = this.#repository
    // An empty pattern is in every line; -I leaves binary files out.
    const { stdout } = await git.attempt([
      'grep',
      '-I',
      '-c',
      '-z',
      '--full-name',
      '-e',
      '',
      baseRef,
    ])
    return stdout
      .split('\n')
      .flatMap((entry) => {
        const [path, lines] = entry.split('\0')
        if (path === undefined || lines === undefined) return []
        return [{ path: path.slice(baseRef.length + 1), lines: Number(lines) }]
      })
      .sort((one, other) => other.lines - one.lines)
  }

  async contains(branch: string): Promise<boolean> {
    const { git, baseRef } = this.#repository
    const merge = ['merge-tree', '--write-tree', '--no-messages']
    const [merged, tree] = await Promise.all([
      git.attempt([...merge, baseRef, `refs/heads/${branch}`]),
      git.run(['rev-parse', `${baseRef}^{tree}`]),
    ])
    return merged.code === 0 && merged.stdout.trimEnd() === tree.trimEnd()
  }

  async #lastTag(): Promise<string | undefined> {
    const { git, baseRef } = this.#repository
    const { code, stdout } = await git.attempt(['describe', '--tags', '--abbrev=0', baseRef])
    return code === 0 ? stdout.trimEnd() : undefined
  }

  /** The name that a person gave, if it names a commit. */
  async #known(name: string): Promise<string> {
    const wanted = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]
    const { code } = await this.#repository.git.attempt(wanted)
    if (code === 0 && !name.startsWith('-')) return name
    throw new Problem(
      'no-such-commit',
      `There is no tag or commit "${name}": git tag lists the tags.`,
    )
  }

  async #distance(name: string): Promise<BranchState['upstream']> {
    if (name === '') return undefined
    const { git, baseRef } = this.#repository
    const range = `${baseRef}...refs/remotes/${name}`
    const { code, stdout } = await git.attempt(['rev-list', '--left-right', '--count', range])
    const [ahead = 0, behind = 0] = stdout.trim().split('\t').map(Number)
    return code === 0 ? { name, ahead, behind } : undefined
  }
}

/** Git would write the index that it has looked through; a person's git may want it just then. */
const quietly = { environment: { GIT_OPTIONAL_LOCKS: '0' } }

function parts(text: string): string[] {
  return text.split('\0').filter((part) => part !== '')
}

function asCommit(line: string): Commit {
  const space = line.indexOf(' ')
  return { id: line.slice(0, space), subject: line.slice(space + 1) }
}

/** Git writes `3\t1\tpath`, and `-` for the lines of a binary file. */
function asChange(entry: string): FileChange {
  const [added = '', removed = '', ...path] = entry.split('\t')
  const lines = { added: Number(added), removed: Number(removed) }
  return { path: path.join('\t'), ...(added !== '-' && { lines }) }
}
