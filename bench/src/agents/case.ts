import { type Case, inChild } from '../harness.ts'
import { spread } from '../statistics.ts'
import { milliseconds, ratio, short } from '../table.ts'
import type { IngestInput, IngestResult, Way as Reading } from './ingest.ts'
import type { ParkingInput, ParkingResult, Way as Waiting } from './parking.ts'
import type { SpawnInput, SpawnResult, Way as Starting } from './spawn.ts'
import type { StopInput, Way as Stopping, StopResult } from './stop.ts'
import type { WatchingInput, WatchingResult } from './watching.ts'

const readings: Record<Reading, string> = {
  tail: 'file, appended and tailed (limit)',
  lines: 'huskies, lines of a shell agent',
  events: 'huskies, events of Claude Code',
  pipe: 'pipe, bytes only',
  terminal: 'node-pty, bytes only',
}

const startings: Record<Starting, string> = {
  child: 'child_process (limit)',
  unrecorded: 'huskies: wrapper, marker and files',
  huskies: 'huskies: with claim and record',
  terminal: 'node-pty',
}

const stoppings: Record<Stopping, string> = {
  huskies: 'huskies, kill()',
  group: 'TERM, then KILL, to the process group',
}

const waitings: Record<Waiting, string> = {
  timer: 'a timer (limit)',
  huskies: 'huskies',
  restart: 'huskies, restarted meanwhile',
  clock: 'huskies, the clock set an hour ahead meanwhile',
}

/** What running agents cost beside what they do themselves. */
export const agents: Case = {
  name: 'agents',
  async run({ quick, rounds }) {
    const ingest = await ingested({
      ...{ megabytes: quick ? 20 : 100, rounds },
      ways: ['tail', 'lines', 'events', 'pipe', 'terminal'],
    })
    const spawn = await spawned({
      ways: ['child', 'unrecorded', 'huskies', 'terminal'],
      rounds: quick ? 20 : 100,
    })
    const graceMs = quick ? 500 : 5_000
    const stop = await stopped({ graceMs, rounds: Math.min(rounds, 5) })
    const parking = await resumed({
      ...{ ways: ['timer', 'huskies', 'restart', 'clock'], limitMs: 2_000 },
      rounds: quick ? 2 : 5,
    })
    const watching = await watched({ agents: quick ? 20 : 50, kilobytes: 200 })
    return {
      tables: [ingest.table, spawn.table, stop.table, parking.table, watching.table],
      results: {
        ...{ ingest: ingest.results, spawn: spawn.results },
        ...{ stop: stop.results, parking: parking.results, watching: watching.results },
      },
    }
  },
}

async function ingested(input: IngestInput) {
  const measured = await inChild<IngestInput, IngestResult[]>('./agents/ingest.ts', input)
  const results = measured.map(({ rates, ...rest }) => ({ ...rest, rate: spread(rates) }))
  const limit = results[0]?.rate.median ?? 0
  const rows = results.map(({ way, rate, lost }) => [
    readings[way],
    `${short(rate.median)} (${short(rate.min)}..${short(rate.max)})`,
    ratio(rate.median, limit),
    String(lost),
  ])
  const caption = `Reading what an agent prints, ${input.megabytes} MB of JSON lines: MB/s, median (least..greatest)`
  return { results, table: { caption, rows: [['', 'MB/s', 'of the limit', 'lost'], ...rows] } }
}

async function spawned(input: SpawnInput) {
  const measured = await inChild<SpawnInput, SpawnResult[]>('./agents/spawn.ts', input)
  const results = measured.map(({ way, times }) => ({ way, time: spread(times) }))
  const limit = results[0]?.time.median ?? 0
  const rows = results.map(({ way, time }) => [
    startings[way],
    milliseconds(time),
    `${short(time.median - limit)} ms`,
  ])
  const caption = 'Starting an agent, until its first byte is read: median (least..greatest)'
  return { results, table: { caption, rows: [['', 'time', 'above the limit'], ...rows] } }
}

async function stopped(input: StopInput) {
  const measured = await inChild<StopInput, StopResult[]>('./agents/stop.ts', input)
  const results = measured.map(({ times, ...rest }) => ({ ...rest, time: spread(times) }))
  const rows = results.map(({ way, time, left }) => [
    stoppings[way],
    milliseconds(time),
    `${short(time.median - input.graceMs)} ms`,
    String(left),
  ])
  const caption = `Ending a tree that resists, ${input.graceMs} ms after TERM with KILL: median (least..greatest)`
  return { results, table: { caption, rows: [['', 'time', 'above that', 'left over'], ...rows] } }
}

async function resumed(input: ParkingInput) {
  const measured = await inChild<ParkingInput, ParkingResult[]>('./agents/parking.ts', input)
  const results = measured.map(({ late, ...rest }) => ({ ...rest, late: spread(late) }))
  const rows = [
    ...results.map(({ way, late, wasted }) => [waitings[way], milliseconds(late), String(wasted)]),
    // Asked each five minutes over the five hours that such a limit lasts.
    ['asking again every 5 minutes (computed)', '150 000 ms on average', '60'],
  ]
  const caption = 'Going on after a limit, without jitter: after its end, median (least..greatest)'
  return { results, table: { caption, rows: [['', 'later', 'asked in vain'], ...rows] } }
}

async function watched(input: WatchingInput) {
  const results = await inChild<WatchingInput, WatchingResult>('./agents/watching.ts', input)
  const rows = [
    ['a child and a pipe (limit)', `${short(results.pipes)} kB`, ''],
    ['huskies', `${short(results.huskies)} kB`, `${short(results.cores * 100)}%`],
  ]
  const caption = `Watching ${input.agents} agents, each with ${input.kilobytes} kB of output: memory for each, processor for all while they are silent`
  return { results, table: { caption, rows: [['', 'memory', 'of a core'], ...rows] } }
}
