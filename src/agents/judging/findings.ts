import { codeBlock } from '../../kernel/markdown.ts'
import { longestBody } from '../../pipeline/item-rules.ts'

/** What the run of a spike has found out. */
export interface Findings {
  readonly agent: string
  readonly run: string
  /** What the agent said last. */
  readonly words: string
  /** What it wrote, as a unified diff. */
  readonly diff: string
}

const longestDiff = 30_000
/** Less of a text than this tells nothing. */
const leastRoom = 200

/**
 * The body of a spike with what a run has found out below it, as a quotation: no line of an agent's ever
 * counts as a criterion. What does not fit is cut.
 */
export function withFindings(body: string, { agent, run, words, diff }: Findings): string {
  const written = diff === '' ? [] : ['It wrote:', codeBlock(cut(diff, longestDiff), 'diff')]
  const said = words.trim() === '' ? [] : [words.trim()]
  const found = [...said, ...written].join('\n\n') || 'It said and wrote nothing.'
  const section = `**Findings of ${agent} (${run})**\n\n${found.replace(/^/gm, '> ')}`
  const before = body === '' ? '' : `${body.trimEnd()}\n\n`
  const room = longestBody - before.length
  return room < leastRoom ? body : before + cut(section, room)
}

function cut(text: string, longest: number): string {
  const note = '\n... and more, which is cut.'
  return text.length <= longest ? text : text.slice(0, longest - note.length) + note
}
