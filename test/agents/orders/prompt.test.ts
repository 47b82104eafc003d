import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { readOrientation } from '../../../src/agents/orders/orientation.ts'
import { composePrompt, type PromptParts } from '../../../src/agents/orders/prompt.ts'
import { toolsOfRole } from '../../../src/agents/tools/names.ts'
import type { Item } from '../../../src/pipeline/item.ts'

const item: Item = {
  id: 7,
  type: 'story',
  name: 'Add a greeting',
  body: 'It is polite.\n\n- [ ] says hello\n- [x] by name',
  criteria: [
    { text: 'says hello', met: false },
    { text: 'by name', met: true },
  ],
  stage: { kind: 'coding', retries: 0 },
  priority: 'normal',
  dependsOn: [],
  origin: { kind: 'person', id: 'terminal:anna' },
  generation: 1,
  returns: 0,
  created: 0,
  updated: 0,
}

function promptOf(more: Partial<PromptParts> = {}): string {
  return composePrompt({
    item,
    role: 'coder',
    branch: 'feature/item-7',
    baseBranch: 'main',
    orientation: '',
    tools: true,
    commitOnly: false,
    ...more,
  })
}

function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'huskies-orientation-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

it('tells the agent its item, its ground and its duty', () => {
  const prompt = promptOf()
  expect(prompt).toContain('# Item 7: Add a greeting')
  expect(prompt).toContain('Type: story')
  expect(prompt).toContain('- [ ] says hello')
  expect(prompt).toContain('Criteria still open: 1 of 2.')
  expect(prompt).toContain('on branch feature/item-7, which started from main')
  expect(prompt).toContain('commit your work')
})

it("takes the agent's own prompt from the settings in place of the usual duty", () => {
  expect(promptOf({ instructions: 'Only write haiku.' })).toContain('Only write haiku.')
  expect(promptOf({ instructions: 'Only write haiku.' })).not.toContain('Do this work item')
})

it('names the tools of each role, also beside instructions of its own', () => {
  const of = (role: PromptParts['role']) => promptOf({ role, instructions: 'Only write haiku.' })
  expect(of('coder')).toContain('"tick_criterion"')
  expect(of('qa')).toMatch(/End with "report_verdict".*without one you are started again/)
  expect(of('mergemaster')).toContain('"run_gates"')
  for (const role of ['coder', 'qa', 'mergemaster', 'other'] as const)
    for (const [, name] of of(role).matchAll(/"([a-z]+_[a-z_]+)"/g))
      expect(toolsOfRole[role]).toContain(name)
})

it('has a qa agent without tools judge by its exit code, and none change what it judges', () => {
  expect(promptOf({ role: 'qa', tools: false })).toMatch(/End with exit code 0 if all criteria/)
  expect(promptOf({ role: 'qa' })).not.toContain('exit code')
  expect(promptOf({ role: 'qa' })).toMatch(/git diff main\.\.\.HEAD.*Change nothing/)
  expect(promptOf({ tools: false })).not.toContain('huskies')
})

it('tells a retry what the last attempt failed with', () => {
  expect(promptOf({ failure: 'test failed (test)\nexpected: HELLO\n' })).toContain(
    '# The last attempt failed\n\ntest failed (test)\nexpected: HELLO',
  )
})

it('L16: is never empty, whatever is missing', () => {
  const bare = { ...item, name: '', body: '', criteria: [] }
  const prompt = promptOf({ item: bare, instructions: '', commitOnly: true })
  expect(prompt.trim()).not.toBe('')
  expect(prompt).toContain('Commit your work')
})

it('reads the orientation files in their order, each under its name, and skips empty ones', () => {
  const folder = folderWith({
    '.huskies/AGENT.md': 'Be careful.\n',
    '.huskies/README.md': 'The project.\n',
    '.huskies/specs/00_CONTEXT.md': ' \n',
  })
  expect(readOrientation(folder)).toBe(
    '# .huskies/README.md\n\nThe project.\n\n# .huskies/AGENT.md\n\nBe careful.',
  )
  expect(readOrientation(join(folder, 'missing'))).toBe('')
})

it('passes a folder of such a name over', () => {
  const folder = folderWith({ '.huskies/AGENT.md/oops': 'x', '.huskies/README.md': 'Here.' })
  expect(readOrientation(folder)).toBe('# .huskies/README.md\n\nHere.')
})

it('L25: bounds the orientation to 32 KB between characters, and says that it was cut', () => {
  const folder = folderWith({
    '.huskies/README.md': 'é'.repeat(15_000),
    '.huskies/AGENT.md': '🐕'.repeat(100_000),
  })
  const orientation = readOrientation(folder)
  expect(Buffer.byteLength(orientation)).toBeLessThanOrEqual(32 * 1024)
  expect(Buffer.byteLength(orientation)).toBeGreaterThan(32 * 1024 - 8)
  expect(orientation).toMatch(/🐕\n\n\[Cut here: the orientation files are longer than 32 KB\.\]$/u)
  expect(orientation).not.toContain('\uFFFD')
})
