import { type Case, inChild } from '../harness.ts'
import { ratio, short } from '../table.ts'
import type { RenderResult } from './measure.ts'

/** What a network's markup costs to make, how much of it the network refuses, and what is lost on the way. */
export const render: Case = {
  name: 'render',
  async run({ quick }) {
    const rounds = quick ? 5 : 15
    const results = await inChild<number, readonly RenderResult[]>('./render/measure.ts', rounds)
    const chat = results.find(({ label }) => label.startsWith('chat, Markdown again'))
    const of = chat?.perSecond.median ?? 1
    const rows = results.map(({ network, label, perSecond, texts, refused, lost }) => [
      `${network}: ${label}`,
      `${short(perSecond.median)} (${short(perSecond.min)}..${short(perSecond.max)})`,
      ratio(perSecond.median, of),
      refused === undefined ? '' : `${refused} of ${texts}`,
      `${(lost * 100).toFixed(3)} %`,
    ])
    const heading = ['', 'texts per s', 'of chat', 'refused', 'letters lost']
    const caption = "Rendering: from Markdown to what a network takes, by the processor's time"
    return { tables: [{ caption, rows: [heading, ...rows] }], results }
  },
}
