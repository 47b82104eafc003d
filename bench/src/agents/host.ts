import { join } from 'node:path'
import { systemClock } from '../../../src/kernel/clock.ts'
import { installationOf } from '../../../src/processes/installation.ts'
import { LocalProcessHost } from '../../../src/processes/local-process-host.ts'
import type { Launch } from '../../../src/processes/process-host.ts'
import { temporaryFolder } from '../folder.ts'

/** The process host as the program has it, in a folder of its own. */
export class BenchHost implements Disposable {
  readonly #folder = temporaryFolder('agents')
  readonly path = this.#folder.path
  readonly installation = installationOf(this.path)
  readonly host: LocalProcessHost

  /** `graceMs` is how long a kill waits after TERM. */
  constructor(graceMs?: number) {
    this.host = new LocalProcessHost({
      runsDirectory: join(this.path, 'runs'),
      installation: this.installation,
      clock: systemClock,
      ...(graceMs !== undefined && { graceMs }),
    })
  }

  /** A program of this machine as a run's. */
  launch(command: string, ...args: string[]): Launch {
    return { command, args, cwd: this.path, env: { PATH: process.env.PATH ?? '' } }
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]()
  }
}

/** Resolves in the next turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
