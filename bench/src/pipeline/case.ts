import { type Case, inChild } from '../harness.ts'
import { spread } from '../statistics.ts'
import { milliseconds, ratio, short, type Table } from '../table.ts'
import type { ApartInput, ApartResult } from './apart.ts'
import type { PipelineInput, PipelineResult, StartResult } from './measure.ts'
import type { Size } from './project.ts'

const sizes: readonly { readonly label: string; readonly size: Size; readonly slow?: true }[] = [
  { label: '1 000 items, 20 000 edits', size: { items: 1_000, archived: 0, edits: 20_000 } },
  { label: '10 000 items', size: { items: 10_000, archived: 0, edits: 0 } },
  {
    label: '10 000 items, 100 000 archived',
    size: { items: 10_000, archived: 100_000, edits: 0 },
    slow: true,
  },
]

/** What a project costs as it grows, and nodes that were apart. */
export const pipeline: Case = {
  name: 'pipeline',
  async run({ quick, rounds }) {
    const tables: Table[] = []
    const results: Record<string, unknown> = {}
    for (const { label, size, slow } of sizes) {
      if (quick && slow) continue
      const input = { size, rounds: slow ? 3 : rounds }
      const result = await inChild<PipelineInput, PipelineResult>('./pipeline/measure.ts', input)
      results[label] = result
      tables.push(tableOf(label, result))
    }
    const input = { writes: 10_000, requests: 500, rounds }
    const apart = await inChild<ApartInput, ApartResult>('./pipeline/apart.ts', input)
    return { tables: [...tables, apartTable(input, apart)], results: { ...results, apart } }
  },
}

const heading = ['', 'huskies', 'limit', 'of the limit']

function tableOf(label: string, result: PipelineResult): Table {
  const { journal, snapshot } = result
  const rows = [
    startRow('start, snapshot', snapshot),
    startRow('start, journal', journal),
    row('board as text', result.board, result.boardLimit),
    row('one durable transition', result.transition, result.transitionLimit),
    row(`idle pass (${result.idleWrites} writes)`, result.idlePass, result.idlePassLimit),
  ]
  const memory = `${short(result.residentMb)} MB resident`
  return { caption: `Pipeline, ${label}: ${memory}`, rows: [heading, ...rows] }
}

function startRow(label: string, { updates, megabytes, start, limit }: StartResult): string[] {
  return row(`${label} of ${updates} updates, ${short(megabytes)} MB`, start, limit)
}

function apartTable({ writes, requests }: ApartInput, result: ApartResult): Table {
  const { bytes, bytesLimit } = result
  const answer = milliseconds(spread(result.answer))
  const rows = [
    row('two copies catch up', result.catchUp, result.catchUpLimit),
    ['bytes for each', String(bytes), String(bytesLimit), ratio(bytes, bytesLimit)],
    [`${requests} requests from each are answered`, answer, '', ''],
  ]
  return { caption: `Apart for ${writes} writes of the owner`, rows: [heading, ...rows] }
}

function row(label: string, ours: readonly number[], limit: readonly number[]): string[] {
  const own = spread(ours)
  const least = spread(limit)
  return [label, milliseconds(own), milliseconds(least), ratio(own.median, least.median)]
}
