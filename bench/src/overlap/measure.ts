import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { type SubjectName, subjects } from '../subjects/catalogue.ts'
import type { MakeSubject } from '../subjects/subject.ts'

export interface OverlapInput {
  readonly subject: SubjectName
  readonly sessions: number
  readonly messages: number
  readonly rounds: number
}

/** What became of one burst. */
export interface OverlapRound {
  /** Messages that nobody answered. */
  readonly lost: number
  /** Messages that were answered after a later one of the same session. */
  readonly outOfOrder: number
  /** How many handlers were at work in one session at the same time, at most. */
  readonly overlap: number
  /** How often a handler was called. */
  readonly runs: number
  /** From the first message to the last answer, in ms. */
  readonly wallMs: number
}

/** How long no answer may come before what is missing counts as lost, where nothing else tells. */
const patienceMs = 3000

export async function measure(input: OverlapInput): Promise<OverlapRound[]> {
  const make = await subjects[input.subject].load()
  const rounds: OverlapRound[] = []
  for (let k = 0; k < input.rounds; k++) rounds.push(await burst(make, input))
  return rounds
}

async function burst(
  make: MakeSubject,
  { sessions, messages }: OverlapInput,
): Promise<OverlapRound> {
  const active = new Map<number, number>()
  const newest = new Map<number, number>()
  let [answered, outOfOrder, overlap, runs, last] = [0, 0, 0, 0, 0]
  const subject = await make({
    commands: 1,
    waits: true,
    async handle(session, texts) {
      const now = (active.get(session) ?? 0) + 1
      active.set(session, now)
      overlap = Math.max(overlap, now)
      await pause(2 + (((runs++ * 2_654_435_761) >>> 16) % 5))
      active.set(session, (active.get(session) ?? 0) - 1)
      return [session, ...texts].join(' ')
    },
    sink(reply) {
      const [session = 0, ...numbers] = reply.split(' ').map(Number)
      for (const number of numbers) {
        if (number < (newest.get(session) ?? 0)) outOfOrder++
        newest.set(session, number)
      }
      answered += numbers.length
      last = performance.now()
    },
  })
  const start = performance.now()
  const delivered: Promise<unknown>[] = []
  for (let number = 0; number < messages; number++)
    for (let session = 0; session < sessions; session++)
      delivered.push(subject.deliver(session, `cmd0 ${number}`))
  await Promise.all(delivered)
  last = Math.max(last, start)
  const patience = subject.settles === 'handled' ? 100 : patienceMs
  while (answered < sessions * messages && performance.now() - last < patience) await pause(2)
  await subject.close()
  return {
    lost: sessions * messages - answered,
    outOfOrder,
    overlap,
    runs,
    wallMs: last - start,
  }
}
