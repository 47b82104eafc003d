import { chmodSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { refuseUnsavedRepositories } from './nested.ts'
import { committer, type Repository } from './repository.ts'
import { exactTree, isFile, rawObjects } from './snapshot.ts'
import { changesBetween } from './tree-changes.ts'
import type { Place } from './worktree-folder.ts'

/** A commit that holds all of a worktree, and the ref that keeps it. */
export interface Saved {
  readonly ref: string
  readonly commit: string
}

/** What bringing it back needs to know of it. */
export interface SavedWork extends Saved {
  readonly branch: string
  /** The branch's tip. */
  readonly tip: string
}

/**
 * The recovery refs `refs/huskies/recovery/item-N/K`. Each names a commit whose tree is everything
 * that was in the worktree and whose parents are what was checked out and the branch's tip.
 */
export class Recovery {
  readonly #repository: Repository

  constructor(repository: Repository) {
    this.#repository = repository
  }

  /**
   * Makes the commit, to which nothing refers yet. Undefined where neither a branch nor a file is
   * left to be held.
   */
  async prepare(place: Place): Promise<Saved | undefined> {
    const { branch } = place
    const { baseRef, identity } = this.#repository
    const git = place.whole ? this.#repository.git.in(place.path) : this.#repository.git
    const tip = await commitAt(git, `refs/heads/${branch}`)
    if (!place.whole && !tip) return undefined
    const checkedOut = place.whole ? await commitAt(git, 'HEAD') : undefined
    const head = checkedOut ?? tip ?? (await git.run(['rev-parse', baseRef])).trimEnd()
    const tree = place.whole ? await exactTree(git, place, head) : `${head}^{tree}`
    if (place.whole) await refuseUnsavedRepositories(git, tree)
    const parents = [...new Set([head, tip ?? head])].flatMap((parent) => ['-p', parent])
    const message = `huskies: the work of ${place.name}\n\nBranch: ${branch}\nTip: ${tip ?? head}\n`
    const commit = await git.run(['commit-tree', ...parents, '-m', message, tree], {
      environment: committer(identity),
    })
    const number = Math.max(0, ...(await this.#list(place.name)).map((ref) => ref.number)) + 1
    return { ref: `${folderOf(place.name)}/${number}`, commit: commit.trimEnd() }
  }

  /** Stores the ref and deletes the branch that it holds, both or neither. */
  async store(saved: Saved, branch: string): Promise<void> {
    const tip = await commitAt(this.#repository.git, `refs/heads/${branch}`)
    const lines = [`create ${saved.ref} ${saved.commit}`]
    if (tip) lines.push(`delete refs/heads/${branch} ${tip}`)
    await this.#repository.git.run(['update-ref', '--stdin'], { input: `${lines.join('\n')}\n` })
  }

  /** Whether the ref is there. */
  async holds(saved: Saved): Promise<boolean> {
    return (await commitAt(this.#repository.git, saved.ref)) === saved.commit
  }

  /** What was removed last under that name. */
  async newest(name: string): Promise<SavedWork | undefined> {
    const [last] = (await this.#list(name)).sort((a, b) => b.number - a.number)
    if (!last) return undefined
    const text = await this.#repository.git.run(['cat-file', 'commit', last.commit])
    const branch = /^Branch: (.+)$/m.exec(text)?.[1]
    const tip = /^Tip: (.+)$/m.exec(text)?.[1]
    if (!branch || !tip) throw new Error(`${last.ref} was not written by this program`)
    return { ref: last.ref, commit: last.commit, branch, tip }
  }

  /** Puts the files as they were, byte for byte, into a worktree that has been made at the tip. */
  async restore(saved: SavedWork, place: Place): Promise<void> {
    const git = this.#repository.git.in(place.path)
    await git.run(['read-tree', '--reset', '-u', saved.commit])
    const files = (await changesBetween(git, `${saved.commit}^`, saved.commit)).filter(isFile)
    const found = await rawObjects(
      git,
      files.map(({ path }) => path),
    )
    for (const [index, { path, to }] of files.entries()) {
      if (found[index] === to.object) continue
      // What git makes of line ends and the like on the way out has changed it.
      const unpacked = (await git.run(['unpack-file', to.object])).trimEnd()
      chmodSync(join(place.path, unpacked), to.mode === '100755' ? 0o755 : 0o644)
      renameSync(join(place.path, unpacked), join(place.path, path))
    }
    await git.run(['reset', '--mixed', '--quiet'])
  }

  async #list(name: string): Promise<{ ref: string; commit: string; number: number }[]> {
    const text = await this.#repository.git.run([
      'for-each-ref',
      '--format=%(refname) %(objectname)',
      `${folderOf(name)}/`,
    ])
    return text.split('\n').flatMap((line) => {
      const [ref, commit] = line.split(' ')
      return ref && commit ? [{ ref, commit, number: Number(ref.split('/').at(-1)) }] : []
    })
  }
}

function folderOf(name: string): string {
  return `refs/huskies/recovery/${name}`
}

async function commitAt(git: Repository['git'], name: string): Promise<string | undefined> {
  const found = await git.attempt(['rev-parse', '--quiet', '--verify', `${name}^{commit}`])
  return found.code === 0 ? found.stdout.trimEnd() : undefined
}
