import { cpus, loadavg, release, totalmem } from 'node:os'

/** Where and when something was measured. */
export interface Machine {
  /** One line for people. */
  readonly description: string
  readonly node: string
  readonly cores: number
  readonly processor: string
  /** How many processes wanted a core, over the last minute, before the measuring began. */
  readonly load: number
  readonly at: string
}

export function describeMachine(): Machine {
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor'
  const [load = 0] = loadavg()
  const memory = Math.round(totalmem() / 2 ** 30)
  return {
    description:
      `Node ${process.version}, ${cpus().length} cores (${processor}), ${memory} GiB, ` +
      `${process.platform} ${release()}; load before the start: ${load.toFixed(2)}`,
    node: process.version,
    cores: cpus().length,
    processor,
    load,
    at: new Date().toISOString(),
  }
}
