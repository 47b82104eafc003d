import { setTimeout as pause } from 'node:timers/promises'
import type { Program } from '../../../test/support/program.ts'
import { execute } from '../execute.ts'
import type { Case } from '../harness.ts'
import { end, Starter } from '../program.ts'
import { spread } from '../statistics.ts'
import { type SubjectName, subjects } from '../subjects/catalogue.ts'
import { milliseconds, ratio, short } from '../table.ts'

const bots = [
  'huskies-memory',
  'hubot-commands',
  'grammy',
  'chat-queue',
] as const satisfies SubjectName[]

/** How long a bot that has answered once is left alone before its memory is looked at. */
const restMs = 500

/** What a bot costs that does nothing: the time to load its modules, and the memory that it holds. */
export const footprint: Case = {
  name: 'footprint',
  async run({ rounds }) {
    using starter = new Starter()
    await starter.makeProject()
    const load = (what: string) => () => starter.script('footprint/rest.ts', what)
    const rows = [
      { label: 'node alone (limit)', load: load('nothing'), serve: load('nothing') },
      ...bots.map((bot) => ({
        label: `${subjects[bot].label}: the bot alone`,
        load: load(bot),
        serve: load(bot),
      })),
      {
        label: 'huskies start: the whole program',
        load: load('program'),
        serve: () => starter.program(),
      },
    ].map((row) => ({ ...row, importMs: [] as number[], mebibytes: [] as number[] }))
    // They take turns; the first turn fills the caches and does not count.
    for (let round = 0; round <= rounds; round++)
      for (const { load, serve, importMs, mebibytes } of rows) {
        const loaded = await load()
        if (round > 0) importMs.push(Number(loaded.output))
        await end(loaded)
        const serving = await serve()
        await pause(restMs)
        if (round > 0) mebibytes.push(await memoryOf(serving))
        await end(serving)
      }
    const results = rows.map(({ label, importMs, mebibytes }) => ({
      label,
      importMs: spread(importMs),
      mebibytes: spread(mebibytes),
    }))
    const limit = results[0]?.mebibytes.median ?? 0
    const body = results.map(({ label, importMs, mebibytes }) => [
      label,
      milliseconds(importMs),
      `${short(mebibytes.median)} MiB (${short(mebibytes.min)}..${short(mebibytes.max)})`,
      ratio(mebibytes.median, limit),
    ])
    const caption = 'At rest: median (least..greatest)'
    const heading = ['', 'import', 'memory (RSS)', 'of the limit']
    return { tables: [{ caption, rows: [heading, ...body] }], results }
  },
}

/** The resident memory of a running program, in MiB. */
async function memoryOf({ child }: Program): Promise<number> {
  const { stdout } = await execute('ps', ['-o', 'rss=', '-p', String(child.pid)])
  return Number(stdout) / 1024
}
