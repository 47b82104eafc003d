import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const top = join(import.meta.dirname, '..')

/** Which program this is: `0.1.0 (1a2b3c4)`. The commit is that of the sources which are running. */
export function readVersion(): string {
  const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'))
  const commit = builtCommit() ?? checkedOutCommit()
  return commit ? `${version} (${commit.slice(0, 7)})` : version
}

/** A published build carries the commit that it was built from. */
function builtCommit(): string | undefined {
  return read(join(import.meta.dirname, 'commit'))
}

/** Sources that run where they were cloned are what is checked out. */
function checkedOutCommit(): string | undefined {
  if (!existsSync(join(top, '.git'))) return undefined
  const git = gitDirectory()
  const head = read(join(git, 'HEAD'))
  if (!head?.startsWith('ref: ')) return head
  const ref = head.slice('ref: '.length)
  const shared = join(git, read(join(git, 'commondir')) ?? '.')
  return read(join(shared, ref)) ?? packedRef(shared, ref)
}

/** In a worktree `.git` is a file that names the real folder. */
function gitDirectory(): string {
  const link = /^gitdir: (.+)$/m.exec(read(join(top, '.git')) ?? '')
  return link?.[1] ?? join(top, '.git')
}

function packedRef(shared: string, ref: string): string | undefined {
  const packed = read(join(shared, 'packed-refs')) ?? ''
  const line = packed.split('\n').find((each) => each.endsWith(` ${ref}`))
  return line?.split(' ')[0]
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined
    throw error
  }
}
