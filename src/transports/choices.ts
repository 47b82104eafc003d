import type { Choice } from '../bot/message.ts'

/** Appends the choices to a message as numbers to answer with, for networks without buttons. */
export function numberChoices(text: string, choices: readonly Choice[] = []): string {
  if (choices.length === 0) return text
  const lines = choices.map(({ label }, index) => `${index + 1}. ${label}`)
  return `${text}\n\n${lines.join('\n')}\n\nAnswer with a number.`
}

/** The label that an answer picks by its number; the answer itself where it is none of the numbers. */
export function chosenLabel(answer: string, choices: readonly Choice[]): string {
  const number = /^#?(\d{1,3})\.?$/.exec(answer.trim())?.[1]
  return choices[Number(number) - 1]?.label ?? answer
}
