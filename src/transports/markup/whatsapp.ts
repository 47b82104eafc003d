import { layOut } from './layout.ts'
import { type Look, prefixed } from './look.ts'
import type { Markup } from './markup.ts'
import { plain } from './plain.ts'

/** WhatsApp's own marks: `*bold*`, `_italic_`, `~struck~`, and code as in Markdown. */
export const whatsappMarkup: Markup = {
  render: (tree) => layOut(tree, look),
  length: (text) => text.length,
}

/**
 * It has no width. A mark opens nothing behind it where it counts as a character, and nothing before
 * it where it counts as a space.
 */
const shield = '\u200b'

const look: Look = {
  text: (value) =>
    value
      .split(/(https?:\/\/[^\s<>]+)/)
      .map((piece, index) => (index % 2 === 0 ? shielded(piece) : piece))
      .join(''),
  strong: (text) => marked(text, '*'),
  emphasis: (text) => marked(text, '_'),
  delete: (text) => marked(text, '~'),
  heading: (text) => marked(text, '*'),
  inlineCode: (code) => (code.includes('`') ? fenced(code) : `\`${code}\``),
  codeBlock: (code, language) =>
    `${language && `${marked(shielded(language), '_')}\n`}${fenced(`\n${code}\n`)}`,
  quote: (text) => prefixed(text, '> ', '> '),
  quoteWidth: 0,
  bullet: '- ',
  task: (done) => (done ? '☑ ' : '☐ '),
  link: (label, url) => `${label} (${url})`,
  rule: () => '———',
  tableHead: (cell) => cell,
  table: (draw) => fenced(`\n${draw({ ...plain, inlineCode: (code) => code })}\n`),
  wrap: (text) => text,
}

/**
 * Keeps characters that look like marks from opening a style. Between letters they open none, so that
 * names such as `snake_case` stay as they are, to be copied; and where none opens, none can close.
 */
function shielded(text: string): string {
  return text
    .replace(/(?<![\p{L}\p{N}])[*_~](?!\s|$)|`/gmu, `${shield}$&${shield}`)
    .replace(/^([>*-]) /gm, `${shield}$1 `)
}

/**
 * A style ends with its line, and with the next mark of its kind: it is left out where the text holds
 * one, whatever stands around that.
 */
function marked(text: string, mark: '*' | '_' | '~'): string {
  return text
    .split('\n')
    .map((line) => {
      const [, before = '', inner = '', after = ''] = /^(\s*)(.*?)(\s*)$/u.exec(line) ?? []
      const isMarked = inner === '' || inner.includes(mark)
      return isMarked ? line : `${before}${mark}${inner}${mark}${after}`
    })
    .join('\n')
}

function fenced(code: string): string {
  return `\`\`\`${code.replace(/``(?=`)/g, `\`\`${shield}`)}\`\`\``
}
