import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Checkout } from './checkouts.ts'
import type { Git, GitOptions } from './git.ts'

/**
 * A git that was killed may have left a file half written. Such a file holds the beginning of what
 * the index says and nothing else, so that no work of a person is in it: each of them is written
 * whole. `paths` are plain files, there and in the index. Returns those that were cut.
 */
export async function finishCutFiles(
  git: Git,
  { path: root, admin }: Checkout,
  paths: readonly string[],
  options: GitOptions,
): Promise<ReadonlySet<string>> {
  const cut = new Set<string>()
  if (paths.length === 0) return cut
  // Beside the checkout, and by git, because it may have more to do than to copy an object.
  const folder = join(admin, `huskies-files-${process.pid}`)
  try {
    const write = ['checkout-index', '--quiet', '-z', '--stdin', `--prefix=${folder}/`]
    await git.run(write, { ...options, input: paths.map((path) => `${path}\0`).join('') })
    for (const path of paths) {
      const whole = readFileSync(join(folder, path))
      const there = readFileSync(join(root, path))
      if (there.length >= whole.length || !whole.subarray(0, there.length).equals(there)) continue
      writeFileSync(join(root, path), whole)
      cut.add(path)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return cut
}
