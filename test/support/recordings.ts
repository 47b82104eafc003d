import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LineReader } from '../../src/agents/runs/line-reader.ts'
import type { AgentEvent, Outcome, OutputReader, Runtime } from '../../src/agents/runtime.ts'
import { createRuntime } from '../../src/agents/runtimes/create-runtime.ts'
import { agentSettings } from '../../src/pipeline/settings.ts'

const folder = join(import.meta.dirname, '../fixtures/transcripts')

/** When all that was recorded is taken to have been said. */
const recordedAt = Date.UTC(2026, 10, 23, 9)

/** What a real agent program printed in one situation. */
export interface Recording {
  readonly runtime: string
  readonly situation: string
  /** Everything that a run's output file would hold. */
  readonly bytes: Uint8Array
  readonly exitCode: number
}

/** The recordings of one agent program, by their situations. */
export function recordingsOf(runtime: string): readonly Recording[] {
  const files = readdirSync(join(folder, runtime))
  const situations = files
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => name.slice(0, -6))
  return situations.sort().map((situation) => recording(runtime, situation))
}

export function recording(runtime: string, situation: string): Recording {
  const path = join(folder, runtime, situation)
  const errors = readdirSync(join(folder, runtime)).includes(`${situation}.stderr`)
  const parts = [readFileSync(`${path}.jsonl`), ...(errors ? [readFileSync(`${path}.stderr`)] : [])]
  const exitCode = Number(readFileSync(`${path}.exit`, 'utf8'))
  return { runtime, situation, bytes: Buffer.concat(parts), exitCode }
}

export function runtimeCalled(runtime: string, settings: object = {}): Runtime {
  const agent = agentSettings.parse({ name: 'ann', runtime, ...settings })
  return createRuntime(
    { default_coder_model: 'sonnet' },
    { PATH: '/bin', HOME: '/home/ann' },
  )(agent)
}

/** What is understood of these chunks of a program's output. */
export function understood(
  { runtime, exitCode }: Pick<Recording, 'runtime' | 'exitCode'>,
  chunks: readonly Uint8Array[],
  reader: OutputReader = runtimeCalled(runtime).reader(),
): { readonly events: readonly AgentEvent[]; readonly outcome: Outcome } {
  const lines = new LineReader()
  const read = [...chunks.flatMap((chunk) => lines.push(chunk)), ...lines.end()]
  const events = read.flatMap((line) => reader.line(line))
  return { events, outcome: reader.outcome(exitCode, recordedAt) }
}
