import type { GateReport, Gates } from '../../src/pipeline/gates.ts'
import type { GateClass } from '../../src/pipeline/stage.ts'

/** Gates that are a function; green unless told otherwise. */
export class FakeGates implements Gates {
  readonly runs: string[] = []
  judge: (directory: string, key: string) => GateReport | Promise<GateReport> = () => green

  async run(key: string, directory: string, signal: AbortSignal): Promise<GateReport> {
    signal.throwIfAborted()
    this.runs.push(key)
    return this.judge(directory, key)
  }
}

export const green: GateReport = { passed: true, output: '', durationMs: 0 }

/** What gates say whose step of this class failed. */
export function red(kind: GateClass, output = 'it is red'): GateReport {
  return {
    passed: false,
    failure: { step: `the ${kind}`, class: kind, output },
    output,
    durationMs: 0,
  }
}
