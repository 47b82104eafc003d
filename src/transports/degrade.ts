import type { Root } from 'mdast'
import type { Choice, OutgoingMessage } from '../bot/message.ts'
import { parseMarkdown } from './markup/parse.ts'
import { split } from './markup/split.ts'
import type { Capabilities } from './transport.ts'

/**
 * Renders a message for a network that cannot do everything: without buttons its choices become
 * numbers, and what is too long as rendered becomes several messages.
 */
export function degrade(
  message: OutgoingMessage,
  { choices, longestText }: Pick<Capabilities, 'choices' | 'longestText'>,
  render: (tree: Root) => string,
): readonly string[] {
  const text = choices === 'full' ? message.text : numbered(message.text, message.choices)
  const parts = split(parseMarkdown(text), (part) => render(part).length <= longestText)
  return parts.map(render)
}

/** The label that an answer picks by its number; the answer itself where it is none of the numbers. */
export function chosenLabel(answer: string, choices: readonly Choice[]): string {
  const number = /^#?(\d{1,3})\.?$/.exec(answer.trim())?.[1]
  return choices[Number(number) - 1]?.label ?? answer
}

function numbered(text: string, choices: readonly Choice[] = []): string {
  if (choices.length === 0) return text
  const lines = choices.map(({ label }, index) => `${index + 1}. ${label}`)
  return `${text}\n\n${lines.join('\n')}\n\nAnswer with a number.`
}
