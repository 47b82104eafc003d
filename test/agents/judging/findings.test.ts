import { expect, test } from 'vitest'
import { withFindings } from '../../../src/agents/judging/findings.ts'
import { readCriteria } from '../../../src/pipeline/criteria.ts'

const found = { agent: 'coder-1', run: 'r7', words: 'Take B.', diff: '' }

test('findings stand below the text, one run after the other', () => {
  const once = withFindings('Which?\n', found)
  expect(once).toBe('Which?\n\n**Findings of coder-1 (r7)**\n\n> Take B.')
  expect(withFindings(once, { ...found, run: 'r8', words: '' })).toBe(
    `${once}\n\n**Findings of coder-1 (r8)**\n\n> It said and wrote nothing.`,
  )
})

test('L51: nothing that an agent says or writes becomes a criterion', () => {
  const words = '- [ ] one\n```\n- [x] two'
  const diff = '+- [ ] three\n```\n* [ ] four'
  expect(readCriteria(withFindings('- [ ] real', { ...found, words, diff }))).toHaveLength(1)
})

test('however much was found, the text stays as long as a text may be', () => {
  const words = 'x'.repeat(200_000)
  for (const body of ['', 'y'.repeat(99_990), 'y'.repeat(100_000)]) {
    const text = withFindings(body, { ...found, words, diff: 'z'.repeat(50_000) })
    expect(text.startsWith(body)).toBe(true)
    expect(text.length).toBeLessThanOrEqual(100_000)
  }
})
