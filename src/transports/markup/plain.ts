import type { Root } from 'mdast'
import { layOut } from './layout.ts'
import { type Look, prefixed } from './look.ts'

/** Renders a message as text without any formatting: for files, pipes and as the last resort. */
export function renderPlain(tree: Root): string {
  return layOut(tree, plain)
}

/** Keeps the marks that tell code from prose, since in them every character counts. */
export const plain: Look = {
  text: (value) => value,
  strong: (text) => text,
  emphasis: (text) => text,
  delete: (text) => text,
  heading: (text) => text,
  inlineCode: (code) => fenced(code, 1),
  codeBlock: (code, language) => fenced(`${language}\n${code}\n`, 3),
  quote: (text) => prefixed(text, '> ', '> '),
  quoteWidth: 2,
  bullet: '- ',
  task: (done) => (done ? '[x] ' : '[ ] '),
  link: (label, url) => `${label} (${url})`,
  rule: () => '---',
  tableHead: (cell) => cell,
  wrap: (text) => text,
}

/** Puts code between rows of backticks that are longer than any row of them inside. */
function fenced(code: string, least: number): string {
  const rows = code.match(/`+/g)?.map((row) => row.length) ?? []
  const fence = '`'.repeat(Math.max(least, ...rows.map((length) => length + 1)))
  const space = /^`|`$/.test(code) ? ' ' : ''
  return `${fence}${space}${code}${space}${fence}`
}
