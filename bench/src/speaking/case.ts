import { type Case, inChild } from '../harness.ts'
import { milliseconds, ratio, short } from '../table.ts'
import type { SpeakingInput, SpeakingResult } from './measure.ts'
import { type SpeakerName, speakers } from './speakers.ts'

const chats = 20
/** Time passes so many times as quickly, for Telegram and for whoever speaks to it. */
const hurry = 5

/** How long answers reach many chats under Telegram's limits, and whom they hold up. */
export const speaking: Case = {
  name: 'speaking',
  async run({ quick }) {
    // One message a second in each chat: the first at once, and each other a second later.
    const parts = quick ? 60 : 400
    const optimumS = parts - 1
    const results = []
    for (const speaker of Object.keys(speakers) as SpeakerName[]) {
      const input = { speaker, chats, parts, hurry }
      const result = await inChild<SpeakingInput, SpeakingResult>('./speaking/measure.ts', input)
      results.push({ speaker, ...result })
    }
    const rows = results.map(({ speaker, tookS, refused, wrong, idleMs }) => [
      speakers[speaker].label,
      `${short(tookS)} s`,
      ratio(tookS, optimumS),
      String(refused),
      `${wrong} of ${chats * parts}`,
      milliseconds(idleMs),
    ])
    const heading = ['', 'all said', 'of optimum', 'told to wait', 'wrong', 'idle chat waits']
    const caption = `Speaking: answers of ${parts} messages to ${chats} chats at once, under Telegram's limits, in time that passes ${hurry} times as quickly`
    return {
      tables: [{ caption, rows: [heading, ...rows] }],
      results: { speaking: results, optimumS, hurry },
    }
  },
}
