import { execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { Git } from '../../src/pipeline/git/git.ts'
import { LockFiles } from '../../src/pipeline/git/lock-files.ts'
import { Mutex } from '../../src/pipeline/git/mutex.ts'
import type { Repository } from '../../src/pipeline/git/repository.ts'

/** The environment of every git in the tests: nobody's configuration, a fixed name. */
export const gitEnvironment = {
  PATH: process.env.PATH ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
}

/** What the sample repository holds; `long.txt` is long enough for edits that do not meet. */
export const seed: Readonly<Record<string, string>> = {
  'readme.md': '# Sample\n',
  '.gitignore': 'ignored/\n*.log\n',
  'src/main.txt': 'one\ntwo\nthree\n',
  'long.txt': Array.from({ length: 40 }, (_, line) => `line ${line}\n`).join(''),
}

/** What is to be written where; `null` deletes. */
export type Files = Readonly<Record<string, string | Uint8Array | null>>

/** A real repository with one commit on `main`, in a folder of its own that goes with the test. */
export class RepositoryFixture {
  readonly folder = mkdtempSync(join(tmpdir(), 'huskies-git-'))
  readonly root = join(this.folder, 'project')
  readonly worktrees = join(this.folder, 'worktrees')

  readonly locks = new LockFiles({ clock: systemClock, log: silentLog })

  constructor() {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }))
    cpSync(template(), this.root, { recursive: true })
  }

  /** What `openRepository` finds, without asking git each time. */
  get repository(): Repository {
    return {
      root: this.root,
      commonDirectory: join(this.root, '.git'),
      base: 'main',
      baseRef: 'refs/heads/main',
      identity: { name: 'Anna', email: 'anna@example.org' },
      git: new Git(this.root, gitEnvironment, this.locks),
      mutex: new Mutex(),
    }
  }

  /** What git prints, in the project or another folder. */
  git(args: readonly string[], directory = this.root): string {
    return run(args, directory)
  }

  /** Writes files relative to the folder. */
  write(files: Files, directory = this.root): void {
    writeFiles(files, directory)
  }

  /** Writes the files and commits everything. */
  commit(message: string, files: Files = {}, directory = this.root): void {
    writeFiles(files, directory)
    run(['add', '--all'], directory)
    run(['commit', '--quiet', '--allow-empty', '-m', message], directory)
  }

  /** A lock as a git leaves it that is killed, so many seconds ago. Returns its whole path. */
  lock(path: string, ageSecs = 0): string {
    const lock = join(this.root, '.git', path)
    mkdirSync(dirname(lock), { recursive: true })
    writeFileSync(lock, '')
    const at = Date.now() / 1000 - ageSecs
    utimesSync(lock, at, at)
    return lock
  }

  read(path: string, directory = this.root): string {
    return readFileSync(join(directory, path), 'utf8')
  }

  /** What `git status` shows: empty for a clean folder. */
  status(directory = this.root): string {
    return run(['status', '--porcelain', '--untracked-files=all'], directory)
  }
}

let made: string | undefined

/** One repository for all tests of a file, that each copies: making one costs five git calls. */
function template(): string {
  if (made) return made
  const folder = mkdtempSync(join(tmpdir(), 'huskies-template-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  run(['init', '--quiet', '--template=', '--initial-branch=main', folder], tmpdir())
  run(['config', 'user.name', 'Anna'], folder)
  run(['config', 'user.email', 'anna@example.org'], folder)
  run(['config', 'gc.auto', '0'], folder)
  writeFiles(seed, folder)
  run(['add', '--all'], folder)
  run(['commit', '--quiet', '-m', 'first'], folder)
  made = folder
  return folder
}

function run(args: readonly string[], cwd: string): string {
  const options = { cwd, env: gitEnvironment, encoding: 'utf8', stdio: 'pipe' } as const
  return execFileSync('git', args, options).trimEnd()
}

function writeFiles(files: Files, folder: string): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    if (content === null) {
      rmSync(path, { recursive: true })
      if (readdirSync(dirname(path)).length === 0) rmSync(dirname(path), { recursive: true })
      continue
    }
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
}
