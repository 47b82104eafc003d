import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { BenchHost } from './host.ts'

/** The ways of ending a tree of processes. */
export type Way = 'group' | 'huskies'

export interface StopInput {
  readonly graceMs: number
  readonly rounds: number
}

export interface StopResult {
  readonly way: Way
  /** Milliseconds of each round, until the one who ends it thinks that it is over. */
  readonly times: readonly number[]
  /** How many processes were left then, in all rounds. */
  readonly left: number
}

/**
 * Ignores what it is told, hides in other sessions and without an environment, forks while it dies.
 * `TAG` is what its processes are counted by; neither way of ending them knows of it.
 */
const tree = `
trap 'sleep $TAG & setsid sleep $TAG &' TERM
setsid sh -c "trap '' TERM; setsid sleep $TAG & sleep $TAG" &
env -i setsid sleep $TAG &
sleep 0.05
: > "$UP"
while :; do sleep $TAG; done
`

/** How long it takes to end an adversarial tree, and what is left of it. */
export async function measure({ graceMs, rounds }: StopInput): Promise<StopResult[]> {
  using place = new BenchHost(graceMs)
  const results = (['group', 'huskies'] as const).map((way) => ({
    ...{ way, times: [] as number[], left: 0 },
  }))
  for (let round = 0; round < rounds; round++)
    for (const result of results) {
      const run = `${result.way}${round}`
      const tag = `1000.${process.pid}${round}`
      const end = await begin(place, result.way, run, tag)
      const start = performance.now()
      await end(graceMs)
      result.times.push(performance.now() - start)
      result.left += endAll(tag)
    }
  return results
}

/** Starts the tree; what it returns ends it. */
async function begin(place: BenchHost, way: Way, run: string, tag: string) {
  const up = join(place.path, 'up')
  rmSync(up, { force: true })
  const launch = place.launch('sh', '-c', tree)
  const env = { ...launch.env, UP: up, TAG: tag }
  let end: (graceMs: number) => Promise<unknown>
  if (way === 'huskies') {
    const identity = await place.host.start(run, { ...launch, env })
    end = () => place.host.kill(run, identity)
  } else {
    const { command, args, cwd } = launch
    const child = spawn(command, args, { cwd, env, detached: true, stdio: 'ignore' })
    end = async (graceMs) => {
      const ended = once(child, 'exit')
      process.kill(-(child.pid ?? 0), 'SIGTERM')
      await Promise.race([ended, sleep(graceMs)])
      if (child.exitCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL')
      await ended
    }
  }
  while (!existsSync(up)) await sleep(5)
  return end
}

/** Ends what is left of a tree, and returns how many processes that were. */
function endAll(tag: string): number {
  const left = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && isTagged(pid, tag))
  for (const pid of left) process.kill(pid, 'SIGKILL')
  return left.length
}

function isTagged(pid: number, tag: string): boolean {
  try {
    const words = ['cmdline', 'environ'].map((file) =>
      readFileSync(`/proc/${pid}/${file}`, 'latin1'),
    )
    return words.some((text) =>
      text.split('\0').some((word) => word === tag || word === `TAG=${tag}`),
    )
  } catch {
    return false
  }
}
