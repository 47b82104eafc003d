import { performance } from 'node:perf_hooks'
import type { Program } from '../../../test/support/program.ts'
import type { Case } from '../harness.ts'
import { end, Starter } from '../program.ts'
import { spread } from '../statistics.ts'
import { type SubjectName, subjects } from '../subjects/catalogue.ts'
import { milliseconds, ratio } from '../table.ts'

const bots = [
  'huskies-memory',
  'hubot-commands',
  'grammy',
  'chat-queue',
] as const satisfies SubjectName[]

/** How long a person waits for the first answer after starting a bot. */
export const start: Case = {
  name: 'start',
  async run({ rounds }) {
    using starter = new Starter()
    await starter.makeProject()
    const rows = [
      { label: 'node, one word (limit)', begin: () => starter.script('start/one-word.ts') },
      ...bots.map((bot) => ({
        label: `${subjects[bot].label}: the bot alone`,
        begin: () => starter.script('start/first-answer.ts', bot),
      })),
      { label: 'huskies start: the whole program', begin: () => starter.program() },
    ].map((row) => ({ ...row, times: [] as number[] }))
    // They take turns; the first turn fills the caches, makes the database, and does not count.
    for (let round = 0; round <= rounds * 2; round++)
      for (const { begin, times } of rows) {
        const took = await timed(begin)
        if (round > 0) times.push(took)
      }
    const first: number[] = []
    for (let round = 0; round < rounds; round++) first.push(await firstStart())
    const results = [...rows, { label: 'huskies start, for the first time', times: first }].map(
      ({ label, times }) => ({ label, time: spread(times) }),
    )
    const limit = results[0]?.time.median ?? 0
    const body = results.map(({ label, time }) => [
      label,
      milliseconds(time),
      ratio(time.median, limit),
    ])
    const caption = 'Start to first answer: median (least..greatest)'
    return { tables: [{ caption, rows: [['', 'time', 'of the limit'], ...body] }], results }
  },
}

/** With no source compiled before, and no database. */
async function firstStart(): Promise<number> {
  using starter = new Starter()
  await starter.makeProject()
  const took = await timed(() => starter.program())
  return took
}

/** How long `begin` takes until the first answer, in ms; what it began is ended before this returns. */
async function timed(begin: () => Promise<Program>): Promise<number> {
  const before = performance.now()
  const program = await begin()
  const took = performance.now() - before
  await end(program)
  return took
}
