import { z } from 'zod'
import { positional, rest } from '../bot/arguments.ts'
import { askId } from '../bot/asks.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import type { Services } from './services.ts'

/** `answer ID TEXT`: answers an agent's question; `yes ID` and `ID: TEXT` are short for it. */
export function answer({ asks }: Services): Command {
  return defineCommand({
    name: 'answer',
    group: 'agents',
    summary: 'Answer the question of an agent that waits; `yes ID` and `ID: TEXT` do the same',
    role: 'viewer',
    control: true,
    byHand: true,
    input: z.object({
      id: positional(z.string().regex(askId), {
        called: 'ID',
        expects: "a question's five letters",
      }),
      text: rest(z.string(), { called: 'TEXT' }),
    }),
    examples: ['answer w4k7p yes', 'answer w4k7p Use the other table'],
    run: {
      change: ({ id, text }, { asker, role, place }) =>
        asks.answer(id.toLowerCase(), text, asker, role, place),
    },
  })
}
