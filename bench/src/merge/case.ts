import { type Case, inChild } from '../harness.ts'
import { type Spread, spread } from '../statistics.ts'
import { ratio, short, type Table } from '../table.ts'
import type { MergeInput, MergeResult, Way } from './measure.ts'
import { measureSquash, squashTable } from './squash-case.ts'
import type { Load } from './workplace.ts'

const labels: Record<Way, string> = {
  limit: 'git alone, the same steps (limit)',
  huskies: 'huskies',
  train: 'huskies, batch = 4',
  serial: 'in a checkout, one at a time',
  bors: 'as bors, batches of 4',
}
const ways: readonly Way[] = ['limit', 'huskies', 'train', 'serial', 'bors']
const good = { conflictEvery: 0, flakeEvery: 0, bad: 0 }

/** How fast the merge queue lands what is in it, and what a bad item costs. */
export const merge: Case = {
  name: 'merge',
  async run({ quick, rounds }) {
    const stories = quick ? 8 : 20
    const times = quick ? 1 : Math.min(3, rounds)
    const loads: readonly (readonly [string, Load])[] = [
      ['gates of 0 s', { ...good, stories, gateMs: 0 }],
      ['gates of 1 s', { ...good, stories, gateMs: 1_000 }],
      ...(quick
        ? []
        : ([
            [
              'gates of 1 s, one in ten conflicts',
              { ...good, stories, gateMs: 1_000, conflictEvery: 10 },
            ],
            [
              'gates of 1 s, one in twenty flakes',
              { ...good, stories, gateMs: 1_000, flakeEvery: 20 },
            ],
          ] as const)),
    ]
    const tables: Table[] = []
    const results: Record<string, unknown> = {}
    for (const [name, load] of loads) {
      const found = await measured(ways, 4, load, times)
      tables.push(throughput(`${stories} items, ${name}`, found))
      results[name] = found
    }
    for (const batch of quick ? [4] : [4, 8]) {
      const load = { ...good, stories: batch, gateMs: 300, bad: Math.ceil(batch / 2) }
      const found = await measured(['limit', 'train', 'bors'], batch, load, times)
      tables.push(bisection(batch, found, load.gateMs))
      results[`1 bad of ${batch}`] = found
    }
    const squash = await measureSquash(rounds * 2)
    return { tables: [...tables, squashTable(squash)], results: { ...results, squash } }
  },
}

interface Found {
  readonly way: Way
  readonly ms: Spread
  readonly rounds: readonly MergeResult[]
}

/** The ways take turns, so that none has the quieter machine. */
async function measured(
  some: readonly Way[],
  batch: number,
  load: Load,
  times: number,
): Promise<Found[]> {
  const results = new Map<Way, MergeResult[]>()
  for (let round = 0; round < times; round++)
    for (const way of some) {
      const input = { way, batch, load }
      const result = await inChild<MergeInput, MergeResult>('./merge/measure.ts', input)
      results.set(way, [...(results.get(way) ?? []), result])
    }
  return [...results].map(([way, rounds]) => ({
    way,
    ms: spread(rounds.map(({ ms }) => ms)),
    rounds,
  }))
}

function throughput(caption: string, found: readonly Found[]): Table {
  const perMinute = ({ rounds }: Found) =>
    spread(rounds.map(({ landed, ms }) => (landed * 60_000) / ms)).median
  const [first] = found
  const rows = found.map((each) => [
    labels[each.way],
    short(perMinute(each)),
    first ? ratio(perMinute(each), perMinute(first)) : '',
    `${short(Math.max(...each.rounds.map(({ longestWaitMs }) => longestWaitMs)) / 1000)} s`,
    String(Math.max(...each.rounds.map(({ gatesBegun }) => gatesBegun))),
    String(Math.max(...each.rounds.map(({ wrongTrees }) => wrongTrees))),
  ])
  return {
    caption: `Merge queue, ${caption}`,
    rows: [['', 'landed/min', 'of limit', 'longest wait', 'gates', 'wrong trees'], ...rows],
  }
}

function bisection(batch: number, found: readonly Found[], gateMs: number): Table {
  const rows = found.map(({ way, ms, rounds }) => [
    way === 'train'
      ? `huskies, batch = ${batch}`
      : way === 'bors'
        ? `as bors, batches of ${batch}`
        : labels[way],
    String(Math.max(...rounds.map(({ gatesBegun }) => gatesBegun))),
    String(Math.max(...rounds.map(({ gatesEnded }) => gatesEnded))),
    short(ms.median / gateMs),
    String(Math.max(...rounds.map(({ landed }) => landed))),
    String(Math.max(...rounds.map(({ wrongTrees }) => wrongTrees))),
  ])
  return {
    caption: `Merge queue, one bad of ${batch} items: until it is found and the others have landed`,
    rows: [['', 'gates begun', 'ended', 'time in gates', 'landed', 'wrong trees'], ...rows],
  }
}
