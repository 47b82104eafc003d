import { expect, test } from 'vitest'
import { simulate } from './simulation.ts'
import type { Figures } from './world.ts'

/** So many schedules are played each time: about seven seconds. */
const usual = 100
/** No more failures than these are told; the first is mostly enough. */
const mostTold = 5

// HUSKIES_SEED=7 replays one schedule and prints what happens; HUSKIES_SCHEDULES=1000 plays so many
// more than usual; both together play 1000 from the seventh on.
const seed = process.env.HUSKIES_SEED === undefined ? undefined : Number(process.env.HUSKIES_SEED)
const more = Number(process.env.HUSKIES_SCHEDULES ?? 0)
const first = seed ?? 1
const count = seed === undefined ? usual + more : Math.max(1, more)
const isReplay = seed !== undefined && more === 0

const patienceMs = 30_000 + count * 2_000

test('whatever people, agents and the world do, every promise is kept', {
  timeout: patienceMs,
}, async () => {
  const failures: string[] = []
  const sum: Partial<Figures> = {}
  for (let each = first; each < first + count && failures.length < mostTold; each++) {
    try {
      const figures = await simulate(each, isReplay ? print : undefined)
      for (const name of Object.keys(figures) as (keyof Figures)[])
        sum[name] = (sum[name] ?? 0) + figures[name]
    } catch (error) {
      failures.push(`Seed ${each}: ${error instanceof Error ? error.stack : error}
Replay it: HUSKIES_SEED=${each} npm test -- test/simulation`)
    }
  }
  if (more > 0) print(`${count} schedules: ${JSON.stringify(sum)}`)
  expect(failures.join('\n\n')).toBe('')
})

test('a schedule happens in the same way each time', async () => {
  const [once, again] = [await traceOf(first), await traceOf(first)]
  expect(once.length).toBeGreaterThan(50)
  expect(again).toEqual(once)
})

async function traceOf(seed: number): Promise<string[]> {
  const lines: string[] = []
  // A schedule that fails, fails in the same way.
  await simulate(seed, (line) => lines.push(line)).catch((error) => lines.push(String(error)))
  return lines
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
