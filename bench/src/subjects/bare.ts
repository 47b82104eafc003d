import { argumentsOf, type MakeSubject } from './subject.ts'

/** The limit: a Map from name to handler, and one chain of promises per session. Nothing else. */
export const bare: MakeSubject = async ({ commands, handle, sink }) => {
  const handlers = new Map<string, (session: number, text: string) => Promise<void>>()
  for (let k = 0; k < commands; k++)
    handlers.set(`cmd${k}`, async (session, text) => sink(await handle(session, [text])))
  const lanes = new Map<number, Promise<void>>()
  return {
    deliver(session, text) {
      const handler = handlers.get(text.slice(0, text.indexOf(' ')))
      if (!handler) return Promise.reject(new Error(`There is no command for "${text}".`))
      const before = lanes.get(session)
      const argument = argumentsOf(text)
      const run = before
        ? before.then(() => handler(session, argument))
        : handler(session, argument)
      lanes.set(session, run)
      return run
    },
    settles: 'handled',
    close: async () => {},
  }
}
