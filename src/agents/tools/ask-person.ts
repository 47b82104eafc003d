import { z } from 'zod'
import type { Asks } from '../../bot/asks.ts'
import type { Role } from '../../bot/command.ts'
import type { Place } from '../../bot/message.ts'
import { escapeMarkdown } from '../../kernel/markdown.ts'
import { Problem } from '../../kernel/problem.ts'
import { blankSecrets } from '../../kernel/secrets.ts'
import { defineTool, type Tool } from './tool.ts'

export interface AskPersonParts {
  readonly asks: Pick<Asks, 'ask'>
  /** Where somebody of this role is asked about an item. */
  readonly placesOf: (item: number, role: Role) => readonly Place[]
}

/** Below the thirty minutes that a call of a tool may take. */
const timeoutMs = 25 * 60_000
const longestAnswer = 8_000

/** `ask_person`: a question to the people where the item was spoken of, and the first answer. */
export function askPersonTool({ asks, placesOf }: AskPersonParts): Tool {
  return defineTool({
    name: 'ask_person',
    summary:
      'Ask the people of the project one question and wait for the answer, for up to 25 minutes. Only for what you can neither find out nor decide yourself: they are disturbed by it.',
    input: z.object({
      question: z.string().trim().min(1).max(2_000).describe('One question, whole in itself.'),
    }),
    async run({ question }, { run, item, signal }) {
      const agent = escapeMarkdown(run.agent)
      const answer = await asks.ask(
        {
          text: `${agent}, on item ${item.id} (${escapeMarkdown(item.name)}), asks:\n\n${quoted(question)}`,
          places: placesOf(item.id, 'member'),
          role: 'member',
          timeoutMs,
          otherwise: `${agent} decides alone`,
          accept(text, by) {
            if (text.length > longestAnswer)
              throw new Problem('answer-too-long', `Say it in ${longestAnswer} characters.`)
            return { answer: `${by.name} answers: ${text}`, reply: `Told ${agent}.` }
          },
        },
        signal,
      )
      return answer ?? 'Nobody has answered. Decide yourself, and say in your commit how you did.'
    },
  })
}

function quoted(text: string): string {
  return escapeMarkdown(blankSecrets(text)).replaceAll(/^/gm, '> ')
}
