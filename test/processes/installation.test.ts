import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { installationOf } from '../../src/processes/installation.ts'

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'huskies-installation-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('an installation keeps its id, also when its folder is moved', () => {
  const folder = temporaryFolder()
  const id = installationOf(join(folder, 'state'))
  expect(id).toMatch(/^[0-9a-f]{8,}$/)
  expect(installationOf(join(folder, 'state'))).toBe(id)
  renameSync(join(folder, 'state'), join(folder, 'moved'))
  expect(installationOf(join(folder, 'moved'))).toBe(id)
})

test('two installations have different ids, and so has the copy of one', () => {
  const folder = temporaryFolder()
  const id = installationOf(join(folder, 'one'))
  expect(installationOf(join(folder, 'two'))).not.toBe(id)
  cpSync(join(folder, 'one'), join(folder, 'copy'), { recursive: true })
  const copied = installationOf(join(folder, 'copy'))
  expect(copied).not.toBe(id)
  expect(installationOf(join(folder, 'copy'))).toBe(copied)
})
