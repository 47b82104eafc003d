import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { spawn as spawnTerminal } from 'node-pty'
import { SqliteRuns } from '../../../src/agents/runs/runs.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { migrate } from '../../../src/store/migrations.ts'
import { Store } from '../../../src/store/store.ts'
import { BenchHost, turn } from './host.ts'

/** The ways of starting a program. */
export type Way = 'child' | 'terminal' | 'huskies' | 'unrecorded'

export interface SpawnInput {
  readonly ways: readonly Way[]
  readonly rounds: number
}

export interface SpawnResult {
  readonly way: Way
  /** Milliseconds of each round. */
  readonly times: readonly number[]
}

/** Starts a program that prints a word; resolves with its first byte, and with what tidies up after it. */
type Begin = () => Promise<() => void>

const program = ['sh', '-c', 'echo x'] as const

/** How long it takes from wanting an agent until its first byte can be read. */
export async function measure({ ways, rounds }: SpawnInput): Promise<SpawnResult[]> {
  using place = new BenchHost()
  const store = Store.open(join(place.path, 'pipeline.db'))
  migrate(store, 0)
  const beginners = beginnersOf(place, store)
  const results = ways.map((way) => ({ way, times: [] as number[] }))
  for (let round = -3; round < rounds; round++)
    for (const { way, times } of round % 2 === 0 ? results : results.toReversed()) {
      const start = performance.now()
      const tidyUp = await beginners[way]()
      if (round >= 0) times.push(performance.now() - start)
      tidyUp()
    }
  store.close()
  return results
}

function beginnersOf(place: BenchHost, store: Store): Record<Way, Begin> {
  const runs = new SqliteRuns(store, systemClock)
  const { host } = place
  let unrecorded = 0
  const firstByte = async (id: string) => {
    while (host.read(id, 0).bytes.length === 0) await turn()
  }
  return {
    /** Claim, files, marker, wrapper, and the record that it runs: two durable commits. */
    huskies: async () => {
      const run = runs.claim({
        ...{ item: 1, agent: 'coder', role: 'coder', attempt: 1 },
        ...{ account: 'shell' },
      })
      const identity = await host.start(run.id, place.launch(...program))
      runs.running(run, identity)
      await firstByte(run.id)
      return () => void runs.end(run)
    },
    unrecorded: async () => {
      const id = `u${++unrecorded}`
      await host.start(id, place.launch(...program))
      await firstByte(id)
      return () => {}
    },
    child: () =>
      new Promise((resolve) => {
        const [command, ...args] = program
        spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] }).stdout.once('data', () =>
          resolve(() => {}),
        )
      }),
    terminal: () =>
      new Promise((resolve) => {
        const [command, ...args] = program
        const child = spawnTerminal(command, args, {})
        const { dispose } = child.onData(() => {
          dispose()
          child.onExit(() => resolve(() => {}))
        })
      }),
  }
}
