import type { Git } from './git.ts'

/** The mode of what is not there. */
export const absent = '000000'
/** A commit of another repository, in a folder of its own. */
export const gitLink = '160000'

/** A path's mode and object in one tree. */
interface Entry {
  readonly mode: string
  readonly object: string
}

/** One path that differs between two trees. */
export interface Change {
  readonly path: string
  readonly from: Entry
  readonly to: Entry
}

/** Every path that differs between two trees or commits; a rename is two of them. */
export async function changesBetween(git: Git, from: string, to: string): Promise<Change[]> {
  const text = await git.run(['diff-tree', '-r', '-z', '--raw', '--no-renames', from, to])
  const parts = text.split('\0')
  const changes: Change[] = []
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const [mode = '', newMode = '', object = '', newObject = ''] = (parts[index] ?? '')
      .slice(1)
      .split(' ')
    changes.push({
      path: parts[index + 1] ?? '',
      from: { mode, object },
      to: { mode: newMode, object: newObject },
    })
  }
  return changes
}
