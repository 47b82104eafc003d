import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execute } from '../execute.ts'

/** How large a repository is. */
export interface Size {
  readonly files: number
  readonly bytesPerFile: number
}

/** Git with nothing of this machine's own configuration. */
export const gitEnvironment = {
  PATH: process.env.PATH,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Bench',
  GIT_AUTHOR_EMAIL: 'bench@example.org',
  GIT_COMMITTER_NAME: 'Bench',
  GIT_COMMITTER_EMAIL: 'bench@example.org',
}

/** Makes a repository with one commit of text files under `work`, 40 to a folder, on branch `main` in `root`. */
export async function makeRepository(root: string, { files, bytesPerFile }: Size): Promise<void> {
  for (let k = 0; k < files; k++) {
    const folder = join(root, 'work', `folder-${Math.floor(k / 40)}`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `file-${k}.txt`), textOf(k, bytesPerFile))
  }
  const git = (...args: string[]) => execute('git', args, { cwd: root, env: gitEnvironment })
  await git('init', '--quiet', '-b', 'main')
  await git('add', '--all')
  await git('commit', '--quiet', '-m', 'first commit')
  await git('gc', '--quiet')
}

/** Text of repeated words in an order of its own, so that it is packed about as well as source code. */
function textOf(seed: number, bytes: number): string {
  let state = seed + 1
  let text = ''
  while (text.length < bytes) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    text += `word${(state >>> 16) % 4096}${state % 7 === 0 ? '\n' : ' '}`
  }
  return text
}
