import { z } from 'zod'
import { type Command, defineCommand } from '../bot/command.ts'
import type { Services } from './services.ts'

/** `reset`: free text in this chat begins anew. */
export function reset({ chat }: Services): Command {
  return defineCommand({
    name: 'reset',
    group: 'chat',
    summary: 'Forget what was said in this chat, so that its next free text begins anew',
    role: 'member',
    byHand: true,
    input: z.object({}),
    examples: ['reset'],
    run: {
      change: (_, { session }) =>
        chat.reset(session)
          ? 'Forgotten: the next free text begins anew.'
          : 'There was nothing to forget in this chat.',
    },
  })
}
