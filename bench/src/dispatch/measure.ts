import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { quantile } from '../statistics.ts'
import { type SubjectName, subjects } from '../subjects/catalogue.ts'
import type { Subject } from '../subjects/subject.ts'

export interface DispatchInput {
  readonly subject: SubjectName
  readonly commands: number
  /** How many messages are handed in at once, again and again; one measurement for each. */
  readonly batches: readonly number[]
  readonly rounds: number
  readonly roundMs: number
}

/** One entry for each round; times in microseconds, from handing a message in to its reply's end. */
export interface DispatchResult {
  readonly batch: number
  readonly perSecond: readonly number[]
  readonly p50: readonly number[]
  readonly p99: readonly number[]
  /** Processor time of one message, which other programs on the machine do not stretch. */
  readonly cpu: readonly number[]
  /** How many messages never got a reply. */
  readonly unanswered: number
}

const sessions = 64

/** How long after the end of a round a reply may still come. */
const graceMs = 500

export async function measure(input: DispatchInput): Promise<DispatchResult[]> {
  const make = await subjects[input.subject].load()
  const unanswered = new Map<number, (() => void) | undefined>()
  const subject = await make({
    commands: input.commands,
    waits: false,
    // One reply answers all messages that the framework has joined.
    handle: (_session, texts) => (texts.length === 1 ? (texts[0] ?? '') : texts.join(' ')),
    sink: (reply) => {
      for (const text of reply.split(' ')) {
        const number = Number(text)
        const answered = unanswered.get(number)
        unanswered.delete(number)
        answered?.()
      }
    },
  })
  const ask = asker(subject, input.commands, unanswered)
  const results: DispatchResult[] = []
  for (const batch of input.batches) {
    await round(ask, batch, input.roundMs * 3)
    const rounds = []
    for (let k = 0; k < input.rounds; k++) rounds.push(await round(ask, batch, input.roundMs))
    results.push({
      batch,
      perSecond: rounds.map(({ perSecond }) => perSecond),
      p50: rounds.map(({ p50 }) => p50),
      p99: rounds.map(({ p99 }) => p99),
      cpu: rounds.map(({ cpu }) => cpu),
      unanswered: unanswered.size,
    })
    unanswered.clear()
  }
  await subject.close()
  return results
}

/** Hands in the next message, and resolves when the framework has done with it and its reply is out. */
function asker(
  subject: Subject,
  commands: number,
  unanswered: Map<number, (() => void) | undefined>,
): () => Promise<void> {
  let next = 0
  return async () => {
    const number = next++
    unanswered.set(number, undefined)
    await subject.deliver(number % sessions, `cmd${number % commands} ${number}`)
    if (unanswered.has(number))
      await new Promise<void>((resolve) => unanswered.set(number, resolve))
  }
}

/** Hands in batch after batch, each when the one before has been answered. */
async function round(ask: () => Promise<void>, batch: number, forMs: number) {
  const times: number[] = []
  const cpuBefore = process.cpuUsage()
  const start = performance.now()
  let last = start
  const timed = async () => {
    const asked = performance.now()
    await ask()
    last = performance.now()
    times.push(last - asked)
  }
  const batches = async () => {
    while (last < start + forMs)
      await (batch === 1 ? timed() : Promise.all(Array.from({ length: batch }, timed)))
  }
  await Promise.race([batches(), pause(forMs + graceMs)])
  const { user, system } = process.cpuUsage(cpuBefore)
  const sorted = Float64Array.from(times).sort()
  return {
    perSecond: (times.length / (last - start)) * 1000,
    p50: quantile(sorted, 0.5) * 1000,
    p99: quantile(sorted, 0.99) * 1000,
    cpu: (user + system) / times.length,
  }
}
