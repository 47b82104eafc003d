import { sequentialize } from '@grammyjs/runner'
import { Bot, type Transformer } from 'grammy'
import type { Update, UserFromGetMe } from 'grammy/types'
import { argumentsOf, type MakeSubject, type Setup } from './subject.ts'

/** grammY's `command()`, each update handled at once, as its runner does. */
export const grammy: MakeSubject = async (setup) => ready(setup, false)

/** The same behind the runner's `sequentialize`, which is how its documentation keeps chats in order. */
export const grammySequential: MakeSubject = async (setup) => ready(setup, true)

async function ready({ commands, handle, sink }: Setup, inOrder: boolean) {
  const bot = new Bot('1:benchmark', {
    botInfo: {
      ...{ id: 1, is_bot: true, first_name: 'huskies', username: 'huskies_bot' },
    } as UserFromGetMe,
  })
  // A transformer that never calls the network is grammY's own way of catching what it sends.
  const caught = async (_previous: unknown, _method: string, payload: { text: string }) => {
    sink(payload.text)
    return { ok: true, result: { message_id: 1, date: 0, chat: { id: 1, type: 'private' } } }
  }
  bot.api.config.use(caught as unknown as Transformer)
  if (inOrder) bot.use(sequentialize((context) => String(context.chatId)))
  for (let k = 0; k < commands; k++) {
    bot.command(`cmd${k}`, async (context) => {
      await context.reply(await handle((context.chatId ?? 0) - 1, [context.match]))
    })
  }
  let updates = 0
  return {
    deliver(session: number, text: string) {
      const id = ++updates
      const person = { id: session + 1, is_bot: false, first_name: `user ${session}` }
      return bot.handleUpdate({
        update_id: id,
        message: {
          message_id: id,
          date: 0,
          chat: { id: session + 1, type: 'private', first_name: person.first_name },
          from: person,
          text: `/${text}`,
          entities: [
            { type: 'bot_command', offset: 0, length: text.length - argumentsOf(text).length },
          ],
        },
      } as Update)
    },
    settles: 'handled' as const,
    close: async () => {},
  }
}
