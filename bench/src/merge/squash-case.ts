import { inChild } from '../harness.ts'
import { type Spread, spread } from '../statistics.ts'
import { milliseconds, ratio, type Table } from '../table.ts'
import type { SquashWay } from './squash-measure.ts'

export type Squashes = Readonly<Record<SquashWay, Spread>>

const labels: Record<SquashWay, string> = {
  memory: 'git merge-tree, commit-tree (limit)',
  huskies: 'huskies, squash()',
  checkout: 'git checkout, merge --squash, commit',
}

/** One commit of a whole branch, made in memory and in a checkout. */
export async function measureSquash(times: number): Promise<Squashes> {
  const found = await inChild<number, Record<SquashWay, number[]>>(
    './merge/squash-measure.ts',
    times,
  )
  return {
    memory: spread(found.memory),
    huskies: spread(found.huskies),
    checkout: spread(found.checkout),
  }
}

export function squashTable(squashes: Squashes): Table {
  const rows = (['memory', 'huskies', 'checkout'] as const).map((way) => [
    labels[way],
    milliseconds(squashes[way]),
    ratio(squashes.checkout.median, squashes[way].median),
  ])
  return {
    caption: 'Squash of a branch, repository of 400 files: median (least..greatest)',
    rows: [['', 'time', 'as fast as in a checkout'], ...rows],
  }
}
