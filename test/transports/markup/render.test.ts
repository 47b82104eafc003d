import fc from 'fast-check'
import stringWidth from 'fast-string-width'
import { createColors } from 'picocolors'
import { expect, test } from 'vitest'
import { parseMarkdown } from '../../../src/transports/markup/parse.ts'
import { renderPlain } from '../../../src/transports/markup/plain.ts'
import { renderTerminal } from '../../../src/transports/markup/terminal.ts'

const plain = (markdown: string) => renderPlain(parseMarkdown(markdown))
const onTerminal = (markdown: string, width = 80) =>
  renderTerminal(parseMarkdown(markdown), createColors(true), width)
const uncoloured = (markdown: string, width = 80) =>
  renderTerminal(parseMarkdown(markdown), createColors(false), width)

const sample = `# Board

**3** *items*, ~~none~~ \`two\` done, see [the log](https://example.org/log) or https://example.org.

> A quotation
> of two lines

1. first
   - nested
2. second

- [x] built
- [ ] landed

\`\`\`sh
npm test
\tnpm start
\`\`\`

| item | name |
|---:|:---:|
| 1 | wolf |
| 22 | 狼 |

---`

test('plain text keeps the structure and leaves the styles out', () => {
  expect(plain(sample)).toBe(`Board

3 items, none \`two\` done, see the log (https://example.org/log) or https://example.org.

> A quotation
> of two lines

1. first
   - nested
2. second

- [x] built
- [ ] landed

\`\`\`sh
npm test
\tnpm start
\`\`\`

item  name
────  ────
   1  wolf
  22   狼

---`)
})

test('a terminal without colours shows the same structure', () => {
  expect(uncoloured(sample)).toBe(`Board

3 items, none \`two\` done, see the log (https://example.org/log) or
https://example.org.

│ A quotation
│ of two lines

1. first
   • nested
2. second

• ✔ built
• ☐ landed

  npm test
      npm start

item  name
────  ────
   1  wolf
  22   狼

────────────────────────────────────────`)
})

test('a terminal with colours shows styles', () => {
  expect(onTerminal('**bold** *italic* ~~gone~~ `code`')).toBe(
    '\x1b[1mbold\x1b[22m \x1b[3mitalic\x1b[23m \x1b[9mgone\x1b[29m \x1b[36mcode\x1b[39m',
  )
})

test('a style that is wrapped begins and ends on each line', () => {
  expect(onTerminal('> **one two three**', 12)).toBe(
    '\x1b[2m│\x1b[22m \x1b[1mone two\x1b[22m\n\x1b[2m│\x1b[22m \x1b[1mthree\x1b[22m',
  )
})

test('wide characters are wrapped where the terminal ends, and long addresses stay whole', () => {
  expect(uncoloured('狼狼 狼狼 狼狼', 11)).toBe('狼狼 狼狼\n狼狼')
  const address = 'https://example.org/a/long/address'
  expect(uncoloured(`see ${address} there`, 20)).toBe(`see\n${address}\nthere`)
})

test('a table that is too wide names the column on each line', () => {
  const table = '| item | name |\n|---|---|\n| 1 | Add a greeting |\n| 2 | Add a farewell |'
  expect(uncoloured(table, 18)).toBe(
    'item: 1\nname: Add a\ngreeting\n\nitem: 2\nname: Add a\nfarewell',
  )
})

test('what could drive a terminal is made visible, however it is written', () => {
  const hostile = [
    '\x1b[2Jgone',
    '`\x1b]0;title\x07`',
    '\x9b31m',
    'a&#13;b',
    '\u202ereversed',
    '\x7f',
  ]
  for (const text of hostile) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
    expect(uncoloured(text)).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/)
    expect(plain(text)).not.toMatch(/\p{Cc}|\u202e/u)
  }
  expect(plain('\x1b[2Jgone')).toBe('␛[2Jgone')
  expect(plain('```\x1b[1m\n\x1b[2J\n```')).toBe('```␛[1m\n␛[2J\n```')
})

const word = fc.stringMatching(/^[a-zäß狼🐺][a-z0-9狼]{0,12}$/u)
const words = fc.array(word, { minLength: 1, maxLength: 8 }).map((all) => all.join(' '))
const styled = fc.oneof(
  words,
  words.map((text) => `**${text}**`),
  words.map((text) => `*${text}*`),
  words.map((text) => `\`${text}\``),
  words.map((text) => `[${text}](https://example.org/)`),
)
const line = fc.array(styled, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(' '))
const block = fc.oneof(
  line,
  line.map((text) => `## ${text}`),
  fc.array(line, { minLength: 1 }).map((lines) => lines.map((one) => `> ${one}`).join('\n')),
  fc.array(line, { minLength: 1 }).map((lines) => lines.map((one) => `1. ${one}`).join('\n')),
  fc.array(words, { minLength: 1 }).map((lines) => `\`\`\`\n${lines.join('\n')}\n\`\`\``),
  fc.tuple(words, words).map(([head, cell]) => `| ${head} | b |\n|---|--:|\n| ${cell} | 1 |`),
)
const document = fc
  .array(block, { minLength: 1, maxLength: 6 })
  .map((blocks) => blocks.join('\n\nbetween\n\n'))

const lettersOf = (text: string) =>
  text
    .match(/[\p{L}\p{Emoji_Presentation}]/gu)
    ?.sort()
    .join('')

test('no letter is lost, on a terminal of any width and in plain text', () => {
  fc.assert(
    fc.property(document, (markdown) => {
      expect(lettersOf(plain(markdown))).toBe(lettersOf(markdown))
      expect(lettersOf(uncoloured(markdown, 400))).toBe(lettersOf(markdown))
    }),
    { numRuns: 50 },
  )
})

test('plain text is plain text again', () => {
  fc.assert(
    fc.property(document, (markdown) => {
      const once = plain(markdown)
      expect(plain(once)).toBe(once)
    }),
    { numRuns: 50 },
  )
})

test('no line of prose is wider than the terminal', () => {
  fc.assert(
    fc.property(
      fc.array(line).map((lines) => lines.join('\n\n')),
      fc.integer({ min: 40, max: 90 }),
      (markdown, width) => {
        for (const row of onTerminal(markdown, width).split('\n'))
          expect(stringWidth(row)).toBeLessThanOrEqual(width)
      },
    ),
  )
})

test('what is too deep or too long for Markdown is shown as it stands', () => {
  const long = 'a *line* of a log\n'.repeat(5000)
  expect(plain(`${long}\x1b[2J`)).toBe(`${long}␛[2J`)
  const deep = `${'>'.repeat(3000)}*x*`
  expect(plain(deep)).toBe(deep)
  expect(uncoloured(deep)).toBe(deep)
})
