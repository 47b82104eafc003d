import fc from 'fast-check'
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

test('of any text the criteria are the lines that a pattern finds', () => {
  const piece = fc.constantFrom(
    ...'- [ ]|- [x] a|* [X]\tb|\n|  |text|```|~~~|[ ]|-|\t|\r\n|- [y] c'.split('|'),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const text = pieces.join('')
      let inCode = false
      const found = text.split('\n').flatMap((line) => {
        if (/^[ \t\r]*(```|~~~)/.test(line)) inCode = !inCode
        const match = inCode ? null : /^[ \t\r]*[-*] \[([ xX])\][ \t\r]+(\S.*)$/s.exec(line)
        return match ? [{ text: match[2]?.trim(), met: match[1] !== ' ' }] : []
      })
      expect(readCriteria(text)).toEqual(found)
    }),
  )
})
