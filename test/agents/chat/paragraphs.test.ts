import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Paragraphs } from '../../../src/agents/chat/paragraphs.ts'

function cut(...pieces: (string | Uint8Array)[]): string[] {
  const paragraphs = new Paragraphs()
  const complete = pieces.flatMap((piece) => paragraphs.push(Buffer.from(piece)))
  return [...complete, ...paragraphs.end()]
}

test.each([
  ['blank lines, however many and however blank', 'a\nb\n\n \t\n\r\nc\n', ['a\nb', 'c']],
  ['no line end at the end', 'a\n\nb', ['a', 'b']],
  ['blank lines in front', '\n\na\n', ['a']],
  ['an indented list', '- a\n\n  b\n', ['- a', '  b']],
  ['nothing at all', '\n \n', []],
  ['a fence', 'see\n```ts\na\n\nb\n```\nend\n\nc', ['see\n```ts\na\n\nb\n```\nend', 'c']],
  ['a fence in a fence', '````\n```\n\n```\n\n````\n\nb', ['````\n```\n\n```\n\n````', 'b']],
  ['a fence of the other kind inside', '~~~\n```\n\n~~~\n\nb', ['~~~\n```\n\n~~~', 'b']],
  ['a fence that is never closed', '```\na\n\nb', ['```\na\n\nb']],
  ['code in a line', '```a```\n\nb', ['```a```', 'b']],
  ['colours', '\u001b[31mred\u001b[0m\n\nb', ['red', 'b']],
])('an answer is cut into paragraphs: %s', (_title, text, paragraphs) => {
  expect(cut(text)).toEqual(paragraphs)
})

test('a paragraph is complete with the blank line behind it, not before', () => {
  const paragraphs = new Paragraphs()
  expect(paragraphs.push(Buffer.from('a\n'))).toEqual([])
  expect(paragraphs.push(Buffer.from('\nb'))).toEqual(['a'])
})

test('how the bytes come in pieces makes no difference', () => {
  const line = fc.constantFrom('a', 'ü', '🐕', '', '```', '~~~', ' ', '\r')
  fc.assert(
    fc.property(fc.array(line), fc.nat(), (lines, at) => {
      const bytes = Buffer.from(lines.join('\n'))
      const middle = at % (bytes.length + 1)
      expect(cut(bytes.subarray(0, middle), bytes.subarray(middle))).toEqual(cut(bytes))
    }),
  )
})
