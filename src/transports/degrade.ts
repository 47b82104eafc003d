import type { Root } from 'mdast'
import type { Choice, OutgoingMessage, Part } from '../bot/message.ts'
import type { Markup } from './markup/markup.ts'
import { parseMarkdown } from './markup/parse.ts'
import { renderPlain } from './markup/plain.ts'
import { split } from './markup/split.ts'
import type { Capabilities } from './transport.ts'

/** What is longer is sent as a file, where the network knows files. */
const mostParts = 5

/**
 * Makes of a message what a network can take. Without buttons its choices become numbers, unless the
 * text spells them out; what is
 * too long as rendered becomes several parts, and what is too long for that a file. Without a
 * `markup` the network knows plain text only.
 */
export function degrade(
  message: OutgoingMessage,
  { choices: level, files, longestText }: Pick<Capabilities, 'choices' | 'files' | 'longestText'>,
  markup?: Markup,
): readonly Part[] {
  const { transport, room, thread, id, replyTo, onlyFor } = message
  const place = { transport, room, ...(thread === undefined ? {} : { thread }) }
  const choices = level !== 'full' && message.choicesSpelled ? undefined : message.choices
  const text = level === 'full' ? message.text : numbered(message.text, choices)
  // Both, so that a part whose markup is refused still fits without it.
  const fits = (part: Root) =>
    renderPlain(part).length <= longestText &&
    (!markup || markup.length(markup.render(part)) <= longestText)
  const most = files === 'none' ? undefined : mostParts
  const trees = split(parseMarkdown(text), fits, most)
  const asFile = most !== undefined && trees.length > most
  const parts = trees.slice(0, asFile ? 1 : undefined).map((tree) => ({
    text: renderPlain(tree),
    ...(markup && { formatted: markup.render(tree) }),
  }))
  const whole = { name: 'message.md', content: text }
  const all = asFile ? [...parts, { text: 'This is the whole of it.', file: whole }] : parts
  return all.map((part, index) => ({
    ...place,
    ...part,
    ...(onlyFor !== undefined && { onlyFor }),
    id: index === 0 ? id : `${id}.${index}`,
    ...(index === 0 && replyTo !== undefined && { replyTo }),
    ...(index === all.length - 1 &&
      choices && { choices, ...(message.choicesSpelled && { choicesSpelled: true }) }),
  }))
}

/** The label that an answer picks by its number; the answer itself where it is none of the numbers. */
export function chosenLabel(answer: string, choices: readonly Choice[]): string {
  const number = chosenNumber(answer)
  return (number !== undefined && choices[number - 1]?.label) || answer
}

/** The number that is all of an answer, counted from 1. */
export function chosenNumber(answer: string): number | undefined {
  const [, number] = /^#?([1-9]\d{0,2})\.?$/.exec(answer.trim()) ?? []
  return number === undefined ? undefined : Number(number)
}

function numbered(text: string, choices: readonly Choice[] = []): string {
  if (choices.length === 0) return text
  const lines = choices.map(({ label }, index) => `${index + 1}. ${label}`)
  return `${text}\n\n${lines.join('\n')}\n\nAnswer with a number.`
}
