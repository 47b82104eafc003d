import { type Case, inChild } from '../harness.ts'
import { type Spread, spread } from '../statistics.ts'
import { type SubjectName, subjects } from '../subjects/catalogue.ts'
import { ratio, short, type Table, thousands } from '../table.ts'
import type { DispatchInput, DispatchResult } from './measure.ts'

const peers = [
  'hubot-commands',
  'hubot-regexes',
  'grammy',
  'grammy-sequential',
  'chat-concurrent',
  'chat-queue',
] as const satisfies SubjectName[]

const compared = ['bare', 'huskies-memory', 'huskies-durable', ...peers] as const

const many = 256
const turns = 2

type Measured = DispatchResult & { readonly subject: SubjectName; readonly commands: number }

interface Result {
  readonly subject: SubjectName
  readonly commands: number
  readonly batch: number
  readonly perSecond: Spread
  /** In microseconds, as the two below. */
  readonly p50: Spread
  readonly p99: Spread
  readonly cpu: Spread
  readonly unanswered: number
}

/** How many messages a second find their command, are handled and answered. */
export const dispatch: Case = {
  name: 'dispatch',
  async run({ quick, rounds }) {
    const counts = quick ? [50] : [1, 10, 50, 200]
    const measured: Measured[] = []
    // They take turns, so that what else is at work on the machine meets all of them.
    for (let turn = 0; turn < turns; turn++)
      for (const commands of counts)
        for (const subject of compared) {
          const batches = [1, many]
          const input = {
            subject,
            commands,
            batches,
            rounds: Math.ceil(rounds / turns),
            roundMs: 80,
          }
          const found = await inChild<DispatchInput, DispatchResult[]>(
            './dispatch/measure.ts',
            input,
          )
          measured.push(...found.map((one) => ({ subject, commands, ...one })))
        }
    const groups = Map.groupBy(measured, ({ subject, commands, batch }) =>
      [subject, commands, batch].join(' '),
    )
    const results = [...groups.values()].map(together)
    const tables = [1, many].map((batch) => tableOf(results, counts, batch))
    return { tables, results }
  },
}

/** What was measured of one thing in all turns. */
function together(all: readonly Measured[]): Result {
  const [first] = all
  if (!first) throw new Error('Nothing was measured.')
  const { subject, commands, batch } = first
  return {
    ...{ subject, commands, batch },
    perSecond: spread(all.flatMap(({ perSecond }) => perSecond)),
    p50: spread(all.flatMap(({ p50 }) => p50)),
    p99: spread(all.flatMap(({ p99 }) => p99)),
    cpu: spread(all.flatMap(({ cpu }) => cpu)),
    unanswered: all.reduce((sum, { unanswered }) => sum + unanswered, 0),
  }
}

function tableOf(results: readonly Result[], counts: readonly number[], batch: number): Table {
  const find = (subject: SubjectName, commands: number) => {
    const found = results.find(
      (result) =>
        result.subject === subject && result.commands === commands && result.batch === batch,
    )
    if (!found) throw new Error(`${subject} was not measured with ${commands} commands.`)
    return found
  }
  const bestPeer = Math.max(...peers.map((peer) => find(peer, 50).perSecond.median))
  const limit = find('bare', 50).perSecond.median
  const rows = compared.map((subject) => {
    const { p50, p99, cpu, perSecond } = find(subject, 50)
    return [
      subjects[subject].label,
      ...counts.map((count) => cell(find(subject, count))),
      ...[p50, p99, cpu].map(({ median }) => `${short(median)} us`),
      ratio(perSecond.median, limit),
      ratio(perSecond.median, bestPeer),
    ]
  })
  const manner = batch === 1 ? 'one message after another' : `${batch} messages at once`
  return {
    caption: `Dispatch, ${manner}, 64 sessions: thousands a second, median (least..greatest); the rest at 50`,
    rows: [
      [
        '',
        ...counts.map((count) => `${count} command${count === 1 ? '' : 's'}`),
        ...['p50', 'p99', 'CPU', 'of limit', 'of best peer'],
      ],
      ...rows,
    ],
  }
}

function cell({ perSecond, unanswered }: Result): string {
  return unanswered === 0 ? thousands(perSecond) : `${thousands(perSecond)}, ${unanswered} lost`
}
