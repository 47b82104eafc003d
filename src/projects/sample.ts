import { cpSync, existsSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Git } from '../pipeline/git/git.ts'
import { checkGitVersion, readGitVersion } from '../pipeline/git/version.ts'
import { makeFolder } from './folder.ts'
import { seedSettings } from './seed.ts'

const template = join(import.meta.dirname, '../../sample')

/**
 * Makes the sample project in `root` unless it is there: a small real repository with acceptance
 * tests that still fail, and a script that stands in for a coding agent. The folder appears whole or
 * not at all.
 */
export async function makeSample(root: string, env: NodeJS.ProcessEnv): Promise<void> {
  if (existsSync(join(root, '.git'))) return
  const unfinished = `${root}.unfinished`
  // Any folder will do to ask git which it is, before anything is written.
  const anyGit = new Git(template, env)
  checkGitVersion(await readGitVersion(anyGit))
  makeFolder(dirname(root))
  rmSync(unfinished, { recursive: true, force: true })
  cpSync(template, unfinished, { recursive: true })
  seedSettings(unfinished, { baseBranch: 'main' })
  const git = anyGit.in(unfinished)
  await git.run(['init', '--quiet', '--initial-branch=main'])
  // A name of its own, so that the sample works for somebody who has never told git theirs.
  await git.run(['config', 'user.name', 'Huskies Sample'])
  await git.run(['config', 'user.email', 'sample@huskies.invalid'])
  await git.run(['add', '--all'])
  await git.run([
    'commit',
    '--quiet',
    '--message',
    'Greeter, with three commands still to be built',
  ])
  renameSync(unfinished, root)
}
