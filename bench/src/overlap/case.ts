import { type Case, inChild } from '../harness.ts'
import { type Spread, spread } from '../statistics.ts'
import { type SubjectName, subjects } from '../subjects/catalogue.ts'
import { milliseconds } from '../table.ts'
import type { OverlapInput, OverlapRound } from './measure.ts'

const compared = [
  'bare',
  'huskies-memory',
  'huskies-durable',
  'huskies-free-text',
  'hubot-commands',
  'grammy',
  'grammy-sequential',
  'chat-drop',
  'chat-queue',
  'chat-queue-100',
  'chat-debounce',
  'chat-concurrent',
] as const satisfies SubjectName[]

const sessions = 200
const messages = 20

/** What happens to messages that arrive while a handler of their session is at work. */
export const overlap: Case = {
  name: 'overlap',
  async run({ rounds }) {
    const results = []
    for (const subject of compared) {
      const input = { subject, sessions, messages, rounds }
      const measured = await inChild<OverlapInput, OverlapRound[]>('./overlap/measure.ts', input)
      const of = (key: keyof OverlapRound) => spread(measured.map((round) => round[key]))
      results.push({
        subject,
        lost: of('lost'),
        outOfOrder: of('outOfOrder'),
        overlap: of('overlap'),
        runs: of('runs'),
        wallMs: of('wallMs'),
      })
    }
    const rows = results.map((result) => [
      subjects[result.subject].label,
      `${count(result.lost)} of ${sessions * messages}`,
      count(result.outOfOrder),
      count(result.overlap),
      count(result.runs),
      milliseconds(result.wallMs),
    ])
    const caption = `Overlap: ${sessions} sessions, ${messages} messages each in one interleaved burst, handlers of 2 to 6 ms`
    const heading = ['', 'lost', 'out of order', 'handlers at once', 'handlers called', 'wall']
    return { tables: [{ caption, rows: [heading, ...rows] }], results }
  },
}

function count({ median, min, max }: Spread): string {
  return min === max ? String(median) : `${median} (${min}..${max})`
}
