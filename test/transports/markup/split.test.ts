import fc from 'fast-check'
import type { Root } from 'mdast'
import { expect, test } from 'vitest'
import { degrade } from '../../../src/transports/degrade.ts'
import { parseMarkdown } from '../../../src/transports/markup/parse.ts'
import { renderPlain } from '../../../src/transports/markup/plain.ts'

/** The messages that a network gets which takes `longest` characters in one. */
function parts(text: string, longest: number): readonly string[] {
  const message = { id: '1', transport: 'test', room: 'room', text }
  return degrade(message, { choices: 'none', files: 'none', longestText: longest }).map(
    (part) => part.text,
  )
}

test('a message that fits stays one', () => {
  expect(parts('Hello.', 6)).toEqual(['Hello.'])
})

test('a message is cut between blocks before anything is torn', () => {
  expect(parts('one two\n\nthree four', 12)).toEqual(['one two', 'three four'])
})

test('a paragraph is cut between words, and a list between items', () => {
  expect(parts('one two three four', 13)).toEqual(['one two three', 'four'])
  expect(parts('1. one\n2. two\n3. three', 14)).toEqual(['1. one\n2. two', '3. three'])
})

test('a link is not cut while it fits as a whole', () => {
  const link = '[the log](https://example.org/log)'
  expect(parts(`see ${link} there`, 34)).toEqual([
    'see',
    'the log (https://example.org/log)',
    'there',
  ])
})

test('the heads of a table stand in every part', () => {
  const table = '| n | name |\n|---|---|\n| 1 | wolf |\n| 2 | bear |'
  expect(parts(table, 24)).toEqual(['n  name\n─  ────\n1  wolf', 'n  name\n─  ────\n2  bear'])
})

test('a row that is itself too long is cut as text', () => {
  const table = `| name |\n|---|\n| ${'wolf '.repeat(20)} |`
  for (const part of parts(table, 30)) expect(part.length).toBeLessThanOrEqual(30)
})

test('L60: a code block that is too long becomes several whole ones, cut between lines', () => {
  const code = Array.from({ length: 2000 }, (_, number) => `line ${number}`)
  const reply = `Before\n\n\`\`\`ts\n${code.join('\n')}\n\`\`\`\n\nAfter`
  const all = parts(reply, 4000)
  const lines = all.flatMap((part) => {
    expect(part.length).toBeLessThanOrEqual(4000)
    const blocks = parseMarkdown(part).children
    return blocks.flatMap((block) => {
      if (block.type !== 'code') return []
      expect(block.lang).toBe('ts')
      return block.value.split('\n')
    })
  })
  expect(lines).toEqual(code)
  expect(all.length).toBeLessThanOrEqual(Math.ceil(reply.length / 4000) + 2)
})

test('L60: a word without end is cut between characters, never in one', () => {
  const family = '👩‍👩‍👧‍👦'
  const all = parts(family.repeat(50), 100)
  expect(all.length).toBe(Math.ceil(50 / Math.floor(100 / family.length)))
  for (const part of all) expect(part).toBe(family.repeat(part.length / family.length))
  expect(all.join('')).toBe(family.repeat(50))
})

test('L60: whatever is written, every part fits, and no word is lost or moved', () => {
  const word = fc.stringMatching(/^[a-z狼🐺]{1,9}$/u)
  const words = fc.array(word, { minLength: 1, maxLength: 40 }).map((all) => all.join(' '))
  const block = fc.oneof(
    words,
    words.map((text) => `**${text}**`),
    words.map((text) => `> ${text}`),
    fc.array(words, { minLength: 1 }).map((all) => all.map((one) => `- ${one}`).join('\n')),
    fc.array(words, { minLength: 1 }).map((all) => `\`\`\`\n${all.join('\n')}\n\`\`\``),
  )
  const document = fc.array(block, { minLength: 1 }).map((blocks) => blocks.join('\n\nx\n\n'))
  const wordsOf = (text: string) => text.match(/[\p{L}🐺]+/gu)
  fc.assert(
    fc.property(document, fc.integer({ min: 40, max: 400 }), (markdown, longest) => {
      const all = parts(markdown, longest)
      for (const part of all) expect(part.length).toBeLessThanOrEqual(longest)
      expect(wordsOf(all.join('\n'))).toEqual(wordsOf(markdown))
    }),
    { numRuns: 50 },
  )
})

test('a long message is cut with few looks at how long its parts are', () => {
  let looks = 0
  const render = (tree: Root) => {
    looks += 1
    return renderPlain(tree)
  }
  const text = 'some words of a sentence that goes on. '.repeat(1100)
  const message = { id: '1', transport: 'test', room: 'room', text }
  const limits = { choices: 'none', files: 'none', longestText: 4000 } as const
  const all = degrade(message, limits, { render, length: (rendered) => rendered.length })
  expect(all.length).toBe(11)
  expect(looks).toBeLessThan(40 * all.length)
})
