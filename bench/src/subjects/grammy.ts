import { sequentialize } from '@grammyjs/runner'
import { Bot } from 'grammy'
import { argumentsOf, type MakeSubject, type Setup } from './subject.ts'

/** grammY's `command()`, each update handled at once, as its runner does. */
export const grammy: MakeSubject = async (setup) => ready(setup, false)

/** The same behind the runner's `sequentialize`, which is how its documentation keeps chats in order. */
export const grammySequential: MakeSubject = async (setup) => ready(setup, true)

async function ready({ commands, handle, sink }: Setup, inOrder: boolean) {
  const bot = new Bot('1:benchmark', {
    botInfo: { id: 1, is_bot: true, first_name: 'huskies', username: 'huskies_bot' },
  })
  // A transformer that never calls the network is grammY's own way of catching what it sends.
  bot.api.config.use(async (_previous, _method, payload) => {
    sink(payload.text)
    return { ok: true, result: { message_id: 1, date: 0, chat: { id: 1, type: 'private' } } }
  })
  if (inOrder) bot.use(sequentialize((context) => String(context.chat.id)))
  for (let k = 0; k < commands; k++) {
    bot.command(`cmd${k}`, async (context) => {
      await context.reply(await handle(context.chat.id - 1, [context.match]))
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
      })
    },
    settles: 'handled' as const,
    close: async () => {},
  }
}
