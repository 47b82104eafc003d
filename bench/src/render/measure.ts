import { type Spread, spread } from '../statistics.ts'
import { corpus } from './corpus.ts'
import { type Renderer, renderers } from './renderers.ts'
import { shownBy } from './shown.ts'

/** How quickly a renderer makes a network's markup, and what becomes of the text. */
export interface RenderResult extends Pick<Renderer, 'network' | 'label'> {
  /** Texts in a second of the processor. */
  readonly perSecond: Spread
  readonly texts: number
  /** How many of the texts the network would not take; missing where it takes anything. */
  readonly refused?: number
  /** Of the letters that the texts show, the part that is not shown any more where they are taken. */
  readonly lost: number
}

/** Renders the corpus with each in turn, round after round, so that what slows the machine slows all. */
export async function measure(rounds: number): Promise<readonly RenderResult[]> {
  const texts = corpus().filter((text) => wordsOf(shownBy(text)).length > 0)
  const rates = renderers.map((): number[] => [])
  for (let round = 0; round <= rounds; round += 1)
    for (const [index, { render }] of renderers.entries()) rates[index]?.push(rateOf(texts, render))
  return renderers.map(({ network, label, render, read, lenient }, index) => {
    const kept = texts.flatMap((text) => {
      const seen = attempt(() => read(render(text)))
      return seen === undefined ? [] : [{ words: wordsOf(shownBy(text)), seen }]
    })
    const all = kept.reduce((sum, { words }) => sum + words.join('').length, 0)
    const missing = kept.reduce((sum, { words, seen }) => sum + missingIn(words, seen), 0)
    return {
      ...{ network, label, texts: texts.length, lost: missing / all },
      // The first one is for the compiler.
      perSecond: spread(rates[index]?.slice(1) ?? []),
      ...(!lenient && { refused: texts.length - kept.length }),
    }
  })
}

/** By the processor's time: what else the machine does meanwhile does not count. */
function rateOf(texts: readonly string[], render: (text: string) => string): number {
  const began = process.cpuUsage()
  for (const text of texts) render(text)
  const { user, system } = process.cpuUsage(began)
  return (texts.length * 1_000_000) / (user + system)
}

/** So far ahead a word is looked for: its like further on is another one. */
const window = 200

/** How many letters and digits of these words do not stand in what is seen, in their order. */
function missingIn(words: readonly string[], seen: string): number {
  const letters = wordsOf(seen).join('')
  let at = 0
  return words.reduce((missing, word) => {
    const found = letters.slice(at, at + word.length + window).indexOf(word)
    if (found === -1) return missing + word.length
    at += found + word.length
    return missing
  }, 0)
}

function wordsOf(text: string): readonly string[] {
  return text.match(/[\p{L}\p{N}]+/gu) ?? []
}

function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
