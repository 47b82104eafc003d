import { realpathSync } from 'node:fs'
import { Problem } from '../../kernel/problem.ts'
import { Git } from './git.ts'
import type { LockFiles } from './lock-files.ts'
import { Mutex } from './mutex.ts'
import { checkGitVersion, readGitVersion } from './version.ts'

/** The name under which the program commits. */
export interface Identity {
  readonly name: string
  readonly email: string
}

/** The variables by which git commits under that name. */
export function committer({ name, email }: Identity): Readonly<Record<string, string>> {
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
  }
}

/** What `openRepository` is told beside the folder. */
export interface RepositoryOptions {
  /** The branch that work lands on; the one that is checked out where it is missing. */
  readonly baseBranch?: string | undefined
  /** Whose PATH, HOME and git variables count. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Missing where the repository is only looked at: left-over locks stay where they are. */
  readonly locks?: LockFiles
}

/** One git repository that was found to be fit for work. */
export interface Repository {
  /** The top folder of the checkout that it was opened by. */
  readonly root: string
  /** Where all checkouts keep what they share. */
  readonly commonDirectory: string
  /** The base branch, as people call it: `main`. */
  readonly base: string
  /** And as git does: `refs/heads/main`. */
  readonly baseRef: string
  readonly identity: Identity
  /** Runs in `root`. */
  readonly git: Git
  /** Held by whoever writes refs or the list of worktrees. */
  readonly mutex: Mutex
}

/**
 * Looks whether `root` can be worked with. Throws a `Problem` that says what to do: `no-git`,
 * `old-git`, `no-repository`, `unsafe-repository`, `bare-repository`, `no-commits`,
 * `no-base-branch`, `no-identity`.
 */
export async function openRepository(
  root: string,
  options: RepositoryOptions,
): Promise<Repository> {
  const git = new Git(root, options.environment, options.locks)
  const asked = [findPlaces(git), findBase(git, options.baseBranch), findIdentity(git)] as const
  // All at once, because a start waits for them; of several problems the first is told.
  await Promise.allSettled(asked)
  const [places, base, identity] = await Promise.all(asked)
  return {
    ...places,
    base,
    baseRef: `refs/heads/${base}`,
    identity,
    git: git.in(places.root),
    mutex: new Mutex(),
  }
}

/** Where the repository that git runs in lies, for whoever only looks. Throws as `openRepository`. */
export async function findPlaces(git: Git): Promise<Pick<Repository, 'root' | 'commonDirectory'>> {
  checkGitVersion(await readGitVersion(git))
  const found = await git.attempt([
    'rev-parse',
    '--path-format=absolute',
    '--is-bare-repository',
    '--git-common-dir',
    '--show-toplevel',
  ])
  const [bare, commonDirectory, root] = found.stdout.split('\n')
  if (bare === 'true')
    throw new Problem(
      'bare-repository',
      `${git.directory} is a bare repository: clone it and run huskies in the clone.`,
    )
  if (/dubious ownership/.test(found.stderr))
    throw new Problem(
      'unsafe-repository',
      `The repository in ${git.directory} belongs to another user: run git config --global --add safe.directory ${git.directory}, if you trust it.`,
    )
  if (found.code !== 0 || !commonDirectory || !root)
    throw new Problem(
      'no-repository',
      `${git.directory} is not in a git repository: run huskies init in one.`,
    )
  return { root: realpathSync(root), commonDirectory: realpathSync(commonDirectory) }
}

async function findBase(git: Git, wanted: string | undefined): Promise<string> {
  const checkedOut = await git.attempt(['symbolic-ref', '--short', '--quiet', 'HEAD'])
  const base = wanted ?? checkedOut.stdout.trimEnd()
  if (base === '')
    throw new Problem(
      'no-base-branch',
      'No branch is checked out: check out the branch that work is to land on, or name it as base_branch in .huskies/project.toml.',
    )
  const commit = await git.attempt([
    'rev-parse',
    '--quiet',
    '--verify',
    `refs/heads/${base}^{commit}`,
  ])
  if (commit.code === 0) return base
  const any = await git.attempt(['rev-parse', '--quiet', '--verify', 'HEAD^{commit}'])
  if (any.code !== 0)
    throw new Problem(
      'no-commits',
      'The repository has no commit yet: make the first one with git commit --allow-empty -m "first commit".',
    )
  throw new Problem(
    'no-base-branch',
    `There is no branch ${base}: make it, or name another one as base_branch in .huskies/project.toml.`,
  )
}

async function findIdentity(git: Git): Promise<Identity> {
  // Without the setting git makes an address up from the machine's name.
  const found = await git.attempt(['-c', 'user.useConfigOnly=true', 'var', 'GIT_COMMITTER_IDENT'])
  const match = /^(.*) <(.*)> \d+ \S+$/.exec(found.stdout.trimEnd())
  if (found.code !== 0 || !match?.[1] || !match[2])
    throw new Problem(
      'no-identity',
      'git does not know who you are: run git config --global user.name "Your Name" and git config --global user.email you@example.org.',
    )
  return { name: match[1], email: match[2] }
}
