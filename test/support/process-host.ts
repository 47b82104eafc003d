import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { installationOf } from '../../src/processes/installation.ts'
import { LocalProcessHost } from '../../src/processes/local-process-host.ts'
import type { Launch, ProcessIdentity } from '../../src/processes/process-host.ts'
import { until } from './until.ts'

/** A real process host in a folder of its own; all its runs and files are gone after the test. */
export class HostFixture {
  readonly folder = mkdtempSync(join(tmpdir(), 'huskies-host-'))
  readonly runsDirectory = join(this.folder, 'runs')
  readonly installation = installationOf(this.folder)
  readonly host = this.open()

  constructor() {
    onTestFinished(async () => {
      const host = this.open(0)
      for (const run of new Set([...(await host.living()), ...host.stored()])) await host.kill(run)
      rmSync(this.folder, { recursive: true })
    })
  }

  /** Another host on the same folder, as after a restart. */
  open(graceMs = 300): LocalProcessHost {
    const { runsDirectory, installation } = this
    return new LocalProcessHost({ runsDirectory, installation, clock: systemClock, graceMs })
  }

  /** A shell script as a run's program. */
  script(source: string, more: Partial<Launch> = {}): Launch {
    return { command: 'sh', args: ['-c', source], cwd: this.folder, env: ownPath, ...more }
  }

  /** Resolves with everything that the run has written once its wrapper has ended. */
  async ended(run: string, identity: ProcessIdentity): Promise<string> {
    await until(() => !this.host.isAlive(identity), `run ${run} has ended`)
    return this.output(run)
  }

  output(run: string): string {
    return Buffer.from(this.host.read(run, 0, new Uint8Array(10_000_000)).bytes).toString()
  }

  /** The number that a script has written to a file here, once it is whole. */
  pidIn(file: string): Promise<number> {
    const read = () => /^(\d+)\n$/.exec(readFileSync(join(this.folder, file), 'utf8'))?.[1]
    return until(() => (this.has(file) ? read() : undefined), `${file} is written`).then(Number)
  }

  has(file: string): boolean {
    return readdirSync(this.folder).includes(file)
  }

  /** The pids of all living processes that carry the run's marker, found without our own code. */
  marked(run: string): readonly number[] {
    const marker = `HUSKIES_RUN_${this.installation}_${run}=1`
    return pids().filter((pid) => environmentOf(pid).split('\0').includes(marker))
  }

  /** The pids of all programs `sleep` that work in this folder, oldest first. */
  sleeping(): readonly number[] {
    const isOurs = (pid: number) =>
      readIfLiving(`/proc/${pid}/comm`) === 'sleep\n' && folderOf(pid) === this.folder
    return pids().filter((pid) => isRunning(pid) && isOurs(pid))
  }
}

/** A process that has nothing to do with any run; it ends with the test. */
export function startBystander(cwd: string, env: Record<string, string> = {}): number {
  const child = spawn('sleep', ['1000'], { cwd, env: { ...ownPath, ...env }, stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  if (child.pid === undefined) throw new Error('cannot start sleep')
  return child.pid
}

/** Whether a process with this pid exists and is no zombie. */
export function isRunning(pid: number): boolean {
  return /^\d+ \(.*\) [^ZX]/s.test(readIfLiving(`/proc/${pid}/stat`))
}

/** The environment of this test program, reduced to where programs are found. */
export const ownPath = { PATH: process.env.PATH ?? '' }

const pids = () => readdirSync('/proc').map(Number).filter(Boolean)
const environmentOf = (pid: number) => readIfLiving(`/proc/${pid}/environ`)

function folderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}

function readIfLiving(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
