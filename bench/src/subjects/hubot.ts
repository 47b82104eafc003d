import { Adapter, loadBot, TextMessage, User } from 'hubot'
import { argumentsOf, type MakeSubject, type Setup } from './subject.ts'

/**
 * Hubot's command bus, by which it finds a command in a Map. Its grammar knows named arguments only
 * (`--key value` or `key:value`), so the handler reads the text of the message.
 */
export const hubotCommands: MakeSubject = async (setup) => {
  const robot = loadBot(new Sink(setup), false, 'hubot')
  for (let k = 0; k < setup.commands; k++) {
    robot.commands.register({
      id: `cmd${k}`,
      confirm: 'never',
      handler: ({ context }) => {
        const text = argumentsOf(context.message.text.slice('hubot '.length))
        return setup.handle(Number(context.room), [text])
      },
    })
  }
  return ready(robot)
}

/** Hubot's classic listeners, a regular expression each; the first match ends the search. */
export const hubotRegexes: MakeSubject = async (setup) => {
  const robot = loadBot(new Sink(setup), false, 'hubot')
  for (let k = 0; k < setup.commands; k++) {
    robot.respond(new RegExp(`cmd${k} (.*)$`, 'i'), async (response) => {
      response.finish()
      const text = response.match[1] ?? ''
      await response.send(await setup.handle(Number(response.envelope.room), [text]))
    })
  }
  return ready(robot)
}

class Sink extends Adapter {
  readonly #sink: (reply: string) => void

  constructor({ sink }: Setup) {
    super()
    this.#sink = sink
  }

  override async send(_envelope: unknown, ...strings: string[]): Promise<void> {
    for (const text of strings) this.#sink(text)
  }

  override async reply(_envelope: unknown, ...strings: string[]): Promise<void> {
    for (const text of strings) this.#sink(text)
  }

  override async run(): Promise<void> {}

  override close(): void {}
}

async function ready(robot: ReturnType<typeof loadBot>) {
  await robot.run()
  const users = new Map<number, User>()
  const userOf = (session: number) => {
    const known = users.get(session) ?? new User(`u${session}`, { room: String(session) })
    users.set(session, known)
    return known
  }
  let messages = 0
  return {
    deliver: (session: number, text: string) =>
      robot.receive(new TextMessage(userOf(session), `hubot ${text}`, String(messages++))),
    settles: 'handled' as const,
    close: async () => robot.shutdown(),
  }
}
