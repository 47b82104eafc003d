import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { prepareRunFolder } from '../../../src/agents/runs/run-folder.ts'

function worktree(): string {
  const folder = mkdtempSync(join(tmpdir(), 'huskies-run-folder-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  execFileSync('git', ['init', '--quiet'], { cwd: folder })
  return folder
}

it('holds the files of the present run alone, for nobody but their owner', () => {
  const directory = worktree()
  prepareRunFolder(directory, [{ name: 'old', content: { text: 'of the last run' } }])
  const folder = prepareRunFolder(directory, [{ name: 'deep/new', content: { text: 'secret' } }])
  expect(existsSync(join(folder, 'old'))).toBe(false)
  expect(readFileSync(join(folder, 'deep/new'), 'utf8')).toBe('secret')
  expect(statSync(join(folder, 'deep/new')).mode & 0o777).toBe(0o600)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

it('is not seen by git, whatever the project ignores', () => {
  const directory = worktree()
  prepareRunFolder(directory, [{ name: 'mcp.json', content: { text: 'secret' } }])
  const status = execFileSync('git', ['status', '--porcelain', '--untracked-files=all'], {
    cwd: directory,
    encoding: 'utf8',
  })
  expect(status).toBe('')
})

it('leads to what stays when it goes', () => {
  const directory = worktree()
  const account = join(directory, 'account')
  mkdirSync(account)
  writeFileSync(join(account, 'session'), 'kept')
  const folder = prepareRunFolder(directory, [{ name: 'home/.x', content: { link: account } }])
  expect(readFileSync(join(folder, 'home/.x/session'), 'utf8')).toBe('kept')
  prepareRunFolder(directory, [])
  expect(readFileSync(join(account, 'session'), 'utf8')).toBe('kept')
})
