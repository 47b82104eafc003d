import { type Case, inChild } from '../harness.ts'
import { type Spread, spread } from '../statistics.ts'
import { ratio, short, thousands } from '../table.ts'
import type { InboxInput, InboxResult, Way } from './measure.ts'

const rows: readonly { label: string; way: Way; together: number }[] = [
  { label: 'fdatasync of 4 KiB (limit)', way: 'fdatasync', together: 1 },
  { label: 'SQLite FULL, 1 row a transaction', way: 'sqlite', together: 1 },
  { label: 'SQLite FULL, 64 rows a transaction', way: 'sqlite', together: 64 },
  { label: 'SQLite FULL, 100 rows a transaction', way: 'sqlite', together: 100 },
  { label: 'huskies inbox, one after another', way: 'inbox', together: 1 },
  { label: 'huskies inbox, 64 at once', way: 'inbox', together: 64 },
  { label: 'huskies inbox, 100 at once', way: 'inbox', together: 100 },
]

interface Result {
  readonly label: string
  readonly way: Way
  readonly together: number
  readonly perSecond: Spread
  readonly p50: Spread
  readonly p99: Spread
}

/** How quickly messages are durable, which is when a network may be told that they have arrived. */
export const inbox: Case = {
  name: 'inbox',
  async run({ rounds }) {
    const results: Result[] = []
    for (const row of rows) {
      const input = { way: row.way, together: row.together, rounds, roundMs: 300 }
      const measured = await inChild<InboxInput, InboxResult>('./inbox/measure.ts', input)
      const { perSecond, p50, p99 } = measured
      results.push({ ...row, perSecond: spread(perSecond), p50: spread(p50), p99: spread(p99) })
    }
    const body = results.map(({ label, way, together, perSecond, p50, p99 }) => {
      const limit = results.find((other) => other.way === 'sqlite' && other.together === together)
      return [
        label,
        thousands(perSecond),
        `${short(p50.median)} ms`,
        `${short(p99.median)} ms`,
        way === 'inbox' && limit ? ratio(perSecond.median, limit.perSecond.median) : '',
      ]
    })
    const heading = ['', 'thousands per s', 'p50 of a wait', 'p99 of a wait', 'of SQLite alone']
    const caption = 'Durable inbox: median (least..greatest)'
    return { tables: [{ caption, rows: [heading, ...body] }], results }
  },
}
