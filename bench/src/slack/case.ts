import { type Case, inChild } from '../harness.ts'
import { type Spread, spread } from '../statistics.ts'
import { milliseconds, ratio, short, thousands } from '../table.ts'
import type { SlackInput, SlackResult } from './measure.ts'

const listeners = [
  { label: 'reads and acknowledges (limit)', listener: 'bare' },
  { label: 'huskies, in memory', listener: 'huskies-memory' },
  { label: 'huskies, durable', listener: 'huskies-durable' },
  { label: 'Bolt, message()', listener: 'bolt' },
] as const

interface Result {
  readonly label: string
  readonly listener: string
  readonly perSecond: Spread
  readonly gap: Spread | undefined
  readonly mebibytes: number
}

/** How much of what Slack tells is taken, what a renewed connection costs, and what waiting costs. */
export const slack: Case = {
  name: 'slack',
  async run({ quick, rounds }) {
    const results: Result[] = []
    for (const { label, listener } of listeners) {
      const input = { listener, rounds, events: quick ? 1000 : 5000 }
      const { perSecond, gapMs, mebibytes } = await inChild<SlackInput, SlackResult>(
        './slack/measure.ts',
        input,
      )
      const gap = listener === 'bare' ? undefined : spread(gapMs)
      results.push({ label, listener, perSecond: spread(perSecond), gap, mebibytes })
    }
    const rate = (wanted: string) =>
      results.find(({ listener }) => listener === wanted)?.perSecond.median ?? 0
    const body = results.map(({ label, perSecond, gap, mebibytes }) => [
      label,
      thousands(perSecond),
      ratio(perSecond.median, rate('bare')),
      ratio(perSecond.median, rate('bolt')),
      gap ? milliseconds(gap) : '',
      `${short(mebibytes)} MiB`,
    ])
    const heading = [
      ...['', 'thousand events per s', 'of limit', 'of Bolt'],
      ...['longest wait', 'memory (RSS)'],
    ]
    const caption =
      'Slack in Socket Mode, 50 commands, 64 chats: median (least..greatest); the wait while connections are renewed'
    return { tables: [{ caption, rows: [heading, ...body] }], results }
  },
}
