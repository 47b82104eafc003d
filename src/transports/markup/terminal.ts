import type { Root } from 'mdast'
import type { createColors } from 'picocolors'
import { layOut } from './layout.ts'
import { type Look, prefixed } from './look.ts'
import { wrap } from './wrap.ts'

/** The functions that colour text, or leave it alone. */
export type Colours = ReturnType<typeof createColors>

/** Renders a message for a terminal that is `width` columns wide. */
export function renderTerminal(tree: Root, colours: Colours, width: number): string {
  // A tab moves to a column that nobody can foretell.
  return layOut(tree, terminalLook(colours), width).replaceAll('\t', '    ')
}

function terminalLook(colours: Colours): Look {
  const quoteMark = `${colours.dim('│')} `
  return {
    text: (value) => value,
    strong: colours.bold,
    emphasis: colours.italic,
    delete: colours.strikethrough,
    heading: (text, depth) => colours.bold(depth === 1 ? colours.underline(text) : text),
    inlineCode: (code) => (colours.isColorSupported ? colours.cyan(code) : `\`${code}\``),
    codeBlock: (code) => indented(code, colours.cyan),
    quote: (text) => prefixed(text, quoteMark, quoteMark),
    quoteWidth: 2,
    bullet: '• ',
    task: (done) => (done ? `${colours.green('✔')} ` : '☐ '),
    link: (label, url) => `${label} ${colours.dim(`(${url})`)}`,
    rule: (width) => colours.dim('─'.repeat(Math.min(width, 40))),
    tableHead: colours.bold,
    wrap: (text, width) => wrap(text, Math.max(width, 10)),
  }
}

function indented(code: string, colour: (text: string) => string): string {
  return code
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${colour(line)}`))
    .join('\n')
}
