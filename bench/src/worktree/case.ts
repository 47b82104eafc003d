import { type Case, inChild } from '../harness.ts'
import { type Spread, spread } from '../statistics.ts'
import { milliseconds, ratio, type Table } from '../table.ts'
import type { Series, Way, WorktreeInput, WorktreeResult } from './measure.ts'
import type { Size } from './repository.ts'

const sizes = {
  small: { files: 82, bytesPerFile: 25_000 },
  large: { files: 2203, bytesPerFile: 38_000 },
}

const labels: Record<Way, string> = {
  git: 'git worktree add --no-track',
  huskies: 'huskies, ensure()',
  'no-checkout': 'git worktree add --no-checkout (limit)',
  copy: 'cp -r of the files',
}

const alone: readonly Way[] = ['git', 'huskies', 'no-checkout', 'copy']
const together: readonly Way[] = ['git', 'huskies']

/** How long an item waits for a folder of its own. */
export const worktree: Case = {
  name: 'worktree',
  async run({ quick, rounds }) {
    const small = await measured(sizes.small, [
      { ways: alone, parallel: 1, rounds: rounds * 2 },
      { ways: together, parallel: 8, rounds: 5 },
    ])
    const one = { ways: alone, parallel: 1, rounds }
    const large = await measured(
      sizes.large,
      quick ? [one] : [one, { ways: together, parallel: 8, rounds }],
    )
    const tables = [tableOf('82 files, 2 MB', small), tableOf('2203 files, 84 MB', large)]
    return { tables, results: { small, large } }
  },
}

interface Result {
  readonly way: Way
  readonly parallel: number
  readonly each: Spread
  readonly made: number
  readonly failed: number
}

async function measured(size: Size, series: readonly Series[]): Promise<Result[]> {
  const input = { size, series }
  const results = await inChild<WorktreeInput, WorktreeResult[]>('./worktree/measure.ts', input)
  return results.map((result) => ({ ...result, each: spread(result.each) }))
}

function tableOf(size: string, results: readonly Result[]): Table {
  const rows = results.map(({ way, parallel, each, made, failed }) => {
    const git = results.find((other) => other.way === 'git' && other.parallel === parallel)
    return [
      labels[way],
      String(parallel),
      milliseconds(each),
      git ? ratio(each.median, git.each.median) : '',
      `${failed} of ${made}`,
    ]
  })
  return {
    caption: `Worktree creation, repository of ${size}: median (least..greatest) for each worktree`,
    rows: [['', 'at once', 'time', "of git's", 'failed'], ...rows],
  }
}
