import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseMarkdown } from '../../../src/transports/markup/parse.ts'
import { whatsappMarkup } from '../../../src/transports/markup/whatsapp.ts'
import { readWhatsApp } from '../../support/markup/whatsapp-text.ts'

const rendered = (markdown: string) => whatsappMarkup.render(parseMarkdown(markdown))

test('styles are written with the marks of WhatsApp', () => {
  expect(rendered('**bold**, *italic*, ~~gone~~ and `code`')).toBe(
    '*bold*, _italic_, ~gone~ and `code`',
  )
  expect(rendered('**two\nlines**')).toBe('*two*\n*lines*')
  expect(rendered('# A head\n\n- [x] done\n- open')).toBe('*A head*\n\n- ☑ done\n- open')
})

test('a style in its like is written once, and code in it stays code', () => {
  expect(rendered('**a *b **c** d* e**')).toBe('a _b *c* d_ e')
  expect(rendered('**see `a_b` now**')).toBe('*see `a_b` now*')
})

test('a style is left out where its text holds its mark, even in code', () => {
  expect(rendered('**see `a*b` now**')).toBe('see `a*b` now')
  expect(rendered('**5 \\* 3**, *snake_case*')).toBe('5 * 3, snake_case')
})

test('names with underscores and addresses are written as they are', () => {
  expect(rendered('snake_case_name in src/a_b.ts, https://e.org/_a_')).toBe(
    'snake_case_name in src/a_b.ts, https://e.org/_a_',
  )
})

test('whatever characters a text holds, exactly those are seen, in a style and without', () => {
  const signs = ['*', '_', '~', '`', '```', 'a', 'b1', ' ', '(', ')', '.', '狼', '-', '>']
  const pieces = fc.array(fc.constantFrom(...signs), { maxLength: 30 })
  const style = fc.constantFrom('strong', 'emphasis', 'delete', undefined)
  fc.assert(
    fc.property(pieces, style, (all, type) => {
      const value = all.join('').trim()
      const text = { type: 'text' as const, value }
      const children = [type ? { type, children: [text] } : text]
      const tree = { type: 'root' as const, children: [{ type: 'paragraph' as const, children }] }
      expect(readWhatsApp(whatsappMarkup.render(tree))).toBe(value)
    }),
    { numRuns: 1000 },
  )
})

test('code keeps every character, fences too', () => {
  expect(readWhatsApp(rendered('````\nlet a = `b`\n```\n````'))).toBe('\nlet a = `b`\n```\n')
  expect(readWhatsApp(rendered('see ``a`b``'))).toBe('see a`b')
})
