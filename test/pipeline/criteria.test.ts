import { expect, test } from 'vitest'
import { readCriteria, tickCriterion } from '../../src/pipeline/criteria.ts'

const body = `Greet people.

- [ ] says hello
  * [X] to everybody
- [] not a box
\`\`\`
- [ ] an example of a criterion
\`\`\`
- [x] is polite  `

test('criteria are the box lines of the text, in order, and not those of code blocks', () => {
  expect(readCriteria(body)).toEqual([
    { text: 'says hello', met: false },
    { text: 'to everybody', met: true },
    { text: 'is polite', met: true },
  ])
})

test('ticking changes one box of the text and nothing else', () => {
  const ticked = tickCriterion(body, 1, true)
  expect(ticked).toBe(body.replace('- [ ] says', '- [x] says'))
  expect(tickCriterion(ticked ?? '', 1, false)).toBe(body)
  expect(readCriteria(tickCriterion(body, 3, false) ?? '')[2]?.met).toBe(false)
})

test('there is no criterion 0, and none beyond the last', () => {
  expect(tickCriterion(body, 0, true)).toBeUndefined()
  expect(tickCriterion(body, 4, true)).toBeUndefined()
})
