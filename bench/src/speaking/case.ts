import { type Case, inChild } from '../harness.ts'
import { ratio, short } from '../table.ts'
import type { MarkupResult } from './markup.ts'
import type { SpeakingInput, SpeakingResult } from './measure.ts'
import { type SpeakerName, speakers } from './speakers.ts'

const chats = 20

/** How long answers reach many chats under Telegram's limits, and what their markup costs. */
export const speaking: Case = {
  name: 'speaking',
  async run({ quick }) {
    // One message a second in each chat: the first at once, and each other a second later.
    const parts = quick ? 15 : 60
    const optimumS = parts - 1
    const results = []
    for (const speaker of Object.keys(speakers) as SpeakerName[]) {
      const input = { speaker, chats, parts }
      const result = await inChild<SpeakingInput, SpeakingResult>('./speaking/measure.ts', input)
      results.push({ speaker, ...result })
    }
    const rows = results.map(({ speaker, tookS, refused, wrong, idleMs }) => [
      speakers[speaker].label,
      `${short(tookS)} s`,
      ratio(tookS, optimumS),
      String(refused),
      `${wrong} of ${chats * parts}`,
      `${short(idleMs)} ms`,
    ])
    const heading = ['', 'all said', 'of optimum', 'told to wait', 'wrong', 'idle chat waits']
    const caption = `Speaking: answers of ${parts} messages to ${chats} chats at once, under Telegram's limits`
    const markup = await inChild<undefined, readonly MarkupResult[]>(
      './speaking/markup.ts',
      undefined,
    )
    const of = markup.find(({ renderer }) => renderer === 'chat')?.perSecond ?? 1
    const shown = markup.map(({ label, perSecond, refused, texts }) => [
      label,
      String(Math.round(perSecond)),
      ratio(perSecond, of),
      refused === undefined ? '' : `${refused} of ${texts}`,
    ])
    return {
      tables: [
        { caption, rows: [heading, ...rows] },
        {
          caption: 'Markup: from Markdown to what a network takes',
          rows: [['', 'texts per s', 'of chat', 'refused by a strict reader'], ...shown],
        },
      ],
      results: { speaking: results, optimumS, markup },
    }
  },
}
