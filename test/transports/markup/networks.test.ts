import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matrixMarkup } from '../../../src/transports/markup/matrix.ts'
import { parseMarkdown } from '../../../src/transports/markup/parse.ts'
import { renderPlain } from '../../../src/transports/markup/plain.ts'
import { slackMarkup } from '../../../src/transports/markup/slack.ts'
import { telegramMarkup } from '../../../src/transports/markup/telegram.ts'
import { whatsappMarkup } from '../../../src/transports/markup/whatsapp.ts'
import { readMatrixHtml } from '../../support/markup/matrix-html.ts'
import { readTelegramHtml } from '../../support/markup/telegram-html.ts'
import { readWhatsApp } from '../../support/markup/whatsapp-text.ts'
import { readRichText } from '../../support/slack/blocks.ts'

const folder = join(import.meta.dirname, 'golden')

/** All that people see, with the addresses of links and the languages of code. */
function seenOnTelegram(html: string): string {
  const { text, entities } = readTelegramHtml(html)
  const marks = entities.flatMap(({ offset, length, url, language }) => [
    ...(url === undefined ? [] : [{ at: offset + length, mark: ` (${url})` }]),
    ...(language === undefined ? [] : [{ at: offset, mark: `${language} ` }]),
  ])
  return marks
    .sort((one, other) => other.at - one.at)
    .reduce((seen, { at, mark }) => seen.slice(0, at) + mark + seen.slice(at), text)
}

const networks = [
  { name: 'telegram', markup: telegramMarkup, seen: seenOnTelegram },
  { name: 'matrix', markup: matrixMarkup, seen: readMatrixHtml },
  { name: 'slack', markup: slackMarkup, seen: readRichText },
  { name: 'whatsapp', markup: whatsappMarkup, seen: readWhatsApp },
]

/** Pieces that begin, end and resemble markup; whatever they make together is somebody's message. */
const pieces = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('word', 'two words', '狼', '🐺', 'é', 'x1', '9.') },
  fc.constantFrom('*', '**', '_', '__', '~~', '`', '``', '\n', '\n\n', '  \n', ' ', '\\', '"'),
  fc.constantFrom('# ', '- ', '1. ', '7) ', '> ', '>> ', '    ', '---\n', '```js\n', '```\n', '|'),
  fc.constantFrom(
    '<',
    '>',
    '&',
    '&amp;',
    '&lt;b&gt;',
    '<b>',
    '</b>',
    '<!-- c -->',
    '<br>',
    '&#65;',
  ),
  fc.constantFrom('[a](http://e.org/?a=1&b=2)', '[b](docs/b.md)', '[', '](', ')', '[c][d]', '[^1]'),
  fc.constantFrom(
    '![p](http://e.org/p.png)',
    '![](q.png)',
    'https://e.org/x',
    'mail@e.org',
    '@anna',
  ),
  fc.constantFrom(
    '\n| a | b |\n|---|:-:|\n| `c` | **d** |\n',
    '\n\n[d]: http://e.org/d\n',
    '/start',
  ),
)
const messages = fc.array(pieces, { maxLength: 25 }).map((parts) => parts.join(''))

const letters = (text: string) =>
  (text.match(/[\p{L}\p{N}\p{Extended_Pictographic}]/gu) ?? []).join('')

describe.each(networks)('a message for $name', ({ name, markup, seen }) => {
  const cases = readdirSync(folder).filter((file) => file.endsWith('.md'))

  test.each(cases)('%s looks as it always did', async (file) => {
    const html = markup.render(parseMarkdown(readFileSync(join(folder, file), 'utf8')))
    seen(html)
    await expect(`${html}\n`).toMatchFileSnapshot(join(folder, file.replace('.md', `.${name}.txt`)))
  })

  test('is accepted by a strict reader, and no letter, digit, address or language is lost', () => {
    fc.assert(
      fc.property(messages, (markdown) => {
        const tree = parseMarkdown(markdown)
        expect(letters(seen(markup.render(tree)))).toBe(letters(renderPlain(tree)))
      }),
      { numRuns: 300 },
    )
  })

  test('is accepted by a strict reader, whatever the characters are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        seen(markup.render(parseMarkdown(text)))
      }),
      { numRuns: 60 },
    )
  })

  test('is counted at least as long as it is seen', () => {
    fc.assert(
      fc.property(messages, (markdown) => {
        const html = markup.render(parseMarkdown(markdown))
        const shown = name === 'telegram' ? readTelegramHtml(html).text : html
        expect(markup.length(html)).toBeGreaterThanOrEqual(shown.length)
      }),
      { numRuns: 100 },
    )
  })
})
