import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findCheckout, findProject } from '../../src/projects/paths.ts'

function makeProjects(...names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'huskies-paths-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const name of names) {
    mkdirSync(join(folder, name, '.huskies'), { recursive: true })
    writeFileSync(join(folder, name, '.huskies/project.toml'), '')
  }
  return folder
}

test('a project is found from its folder and from everywhere below', () => {
  const folder = makeProjects('shop')
  const shop = join(folder, 'shop')
  mkdirSync(join(shop, 'src/deep'), { recursive: true })
  expect(findProject(shop)).toBe(shop)
  expect(findProject(join(shop, 'src/deep'))).toBe(shop)
  expect(findProject(folder)).toBe(undefined)
})

test("from within an item's worktree whoever looks finds the project that it is of", () => {
  const folder = makeProjects('shop', 'shop.worktrees/item-1', 'lonely.worktrees/item-1')
  const lonely = join(folder, 'lonely.worktrees/item-1')
  expect(findProject(join(folder, 'shop.worktrees/item-1'))).toBe(join(folder, 'shop'))
  expect(findProject(lonely)).toBe(lonely)
})

test("L49: whoever changes a project never finds the real one from within an item's worktree", () => {
  const folder = makeProjects('shop', 'shop.worktrees/item-1')
  const worktree = join(folder, 'shop.worktrees/item-1')
  expect(findCheckout(worktree)).toBe(worktree)
  mkdirSync(join(folder, 'shop.worktrees/item-2'))
  expect(findCheckout(join(folder, 'shop.worktrees/item-2'))).toBe(undefined)
})
