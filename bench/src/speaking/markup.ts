import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseMarkdown as parseInChat, stringifyMarkdown } from 'chat'
import type { Markup } from '../../../src/transports/markup/markup.ts'
import { matrixMarkup } from '../../../src/transports/markup/matrix.ts'
import { parseMarkdown } from '../../../src/transports/markup/parse.ts'
import { telegramMarkup } from '../../../src/transports/markup/telegram.ts'
import { readMatrixHtml } from '../../../test/support/markup/matrix-html.ts'
import { readTelegramHtml } from '../../../test/support/markup/telegram-html.ts'
import { spread } from '../statistics.ts'

/** How quickly a renderer makes a network's markup, and how often the network would refuse it. */
export interface MarkupResult {
  readonly renderer: 'chat' | 'telegram' | 'matrix'
  readonly label: string
  readonly perSecond: number
  readonly texts: number
  /** Missing where what it makes is Markdown again, which nothing refuses. */
  readonly refused?: number
}

const roundMs = 1000
const rounds = 5
const golden = join(import.meta.dirname, '../../../test/transports/markup/golden')

/** Texts with everything that Markdown has, and prose with a table as an agent writes it. */
export async function measure(): Promise<readonly MarkupResult[]> {
  const texts = readdirSync(golden)
    .filter((name) => name.endsWith('.md'))
    .map((name) => readFileSync(join(golden, name), 'utf8'))
  const by = (markup: Markup) => (text: string) => markup.render(parseMarkdown(text))
  const [telegram, matrix] = [by(telegramMarkup), by(matrixMarkup)]
  const inChat = (text: string) => stringifyMarkdown(parseInChat(text))
  const measured = (render: (text: string) => string) => ({
    perSecond: perSecond(texts, render),
    texts: texts.length,
  })
  return [
    { renderer: 'chat', label: 'chat, parsed and written again', ...measured(inChat) },
    {
      ...{ renderer: 'telegram', label: 'Huskies, HTML for Telegram', ...measured(telegram) },
      refused: refused(texts, telegram, readTelegramHtml),
    },
    {
      ...{ renderer: 'matrix', label: 'Huskies, HTML for Matrix', ...measured(matrix) },
      refused: refused(texts, matrix, readMatrixHtml),
    },
  ]
}

function perSecond(texts: readonly string[], render: (text: string) => string): number {
  const rates = Array.from({ length: rounds + 1 }, () => {
    const began = performance.now()
    let count = 0
    for (; performance.now() - began < roundMs; count += texts.length)
      for (const text of texts) render(text)
    return (count * 1000) / (performance.now() - began)
  })
  // The first one is for the compiler.
  return spread(rates.slice(1)).median
}

function refused(
  texts: readonly string[],
  render: (text: string) => string,
  read: (html: string) => unknown,
): number {
  const isRefused = (text: string) => {
    try {
      read(render(text))
      return false
    } catch {
      return true
    }
  }
  return texts.filter(isRefused).length
}
