import { z } from 'zod'
import { positional } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import type { Services } from './services.ts'

/** `ambient on`, `ambient off`: whether everything said in a room is for the bot. */
export function ambient({ rooms }: Services): Command {
  return defineCommand({
    name: 'ambient',
    group: 'chat',
    summary: 'Listen to everything that is said in this room, or only to what names the bot',
    role: 'admin',
    byHand: true,
    input: z.object({ state: positional(z.enum(['on', 'off'])) }),
    examples: ['ambient on', 'ambient off'],
    run: {
      async answer({ state }, { place }) {
        const on = state === 'on'
        await rooms.setAmbient(place, on)
        if (!on) return 'I listen only to what names me here, and to answers to what I say.'
        const missing = await rooms.deafness(place)
        const listens = 'I listen to everything that is said in this room.'
        return missing === undefined ? listens : `${listens} But ${missing}`
      },
    },
  })
}
