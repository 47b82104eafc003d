import { spawn } from 'node:child_process'
import { closeSync, openSync, readSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { spawn as spawnTerminal } from 'node-pty'
import { RunOutput } from '../../../src/agents/runs/run-output.ts'
import type { OutputReader } from '../../../src/agents/runtime.ts'
import { createRuntime } from '../../../src/agents/runtimes/create-runtime.ts'
import { agentSettings, projectSettings } from '../../../src/pipeline/settings.ts'
import { BenchHost, turn } from './host.ts'

/** The ways of reading what a program prints. */
export type Way = 'tail' | 'pipe' | 'terminal' | 'lines' | 'events'

export interface IngestInput {
  readonly megabytes: number
  readonly ways: readonly Way[]
  readonly rounds: number
}

export interface IngestResult {
  readonly way: Way
  /** MB/s of each round. */
  readonly rates: readonly number[]
  readonly lost: number
}

/** Reads the output of one program to its end, and returns how many bytes that were. */
type Read = () => Promise<number>

/** How long a reader waits that has found nothing new. */
const lookEveryMs = 5

/**
 * How quickly the output of an agent is read while it prints as fast as it can: lines of JSON as
 * Claude Code writes them, of some 400 bytes each.
 */
export async function measure({ megabytes, ways, rounds }: IngestInput): Promise<IngestResult[]> {
  using place = new BenchHost()
  const source = join(place.path, 'source')
  const bytes = writeTranscript(source, megabytes)
  const readers = readersOf(place, source)
  const results = ways.map((way) => ({ way, rates: [] as number[], lost: 0 }))
  for (let round = -1; round < rounds; round++)
    for (const result of round % 2 === 0 ? results : results.toReversed()) {
      const start = performance.now()
      const read = await readers[result.way]()
      const seconds = (performance.now() - start) / 1000
      result.lost += bytes - read
      if (round >= 0) result.rates.push(bytes / 1e6 / seconds)
    }
  return results
}

function readersOf(place: BenchHost, source: string): Record<Way, Read> {
  let runs = 0
  const runtimeOf = createRuntime(projectSettings.parse({}), {})
  const readerOf = (agent: object) =>
    runtimeOf(agentSettings.parse({ name: 'a', ...agent })).reader()
  const ours = async (reader: OutputReader) => {
    const id = `r${++runs}`
    const identity = await place.host.start(id, place.launch('cat', source))
    const run = { id, offset: 0 } as const
    let heard = 0
    const output = new RunOutput(place.host, run, reader, (events) => {
      heard += events.length
    })
    for (;;) {
      const over = !place.host.isAlive(identity)
      if (output.read()) await turn()
      else if (over) break
      else await sleep(lookEveryMs)
    }
    if (heard === 0) throw new Error('Nothing was understood.')
    return output.offset
  }
  return {
    lines: () => ours(readerOf({ command: 'cat' })),
    events: () => ours(readerOf({ runtime: 'claude-code' })),
    tail: () => tail(source, join(place.path, `tail-${++runs}`)),
    pipe: () => pipe(source),
    terminal: () => terminal(source),
  }
}

/** A child that appends to a file, and a loop that reads it: the least that survives our restart. */
async function tail(source: string, path: string): Promise<number> {
  const descriptor = openSync(path, 'a')
  const child = spawn('cat', [source], { stdio: ['ignore', descriptor, 'ignore'] })
  closeSync(descriptor)
  const reading = openSync(path, 'r')
  const buffer = Buffer.alloc(65_536)
  let offset = 0
  for (;;) {
    const over = child.exitCode !== null
    const length = readSync(reading, buffer, 0, buffer.length, offset)
    offset += length
    if (length > 0) continue
    if (over) break
    await sleep(lookEveryMs)
  }
  closeSync(reading)
  return offset
}

function pipe(source: string): Promise<number> {
  return new Promise((resolve) => {
    let bytes = 0
    const child = spawn('cat', [source], { stdio: ['ignore', 'pipe', 'ignore'] })
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    child.once('close', () => resolve(bytes))
  })
}

function terminal(source: string): Promise<number> {
  return new Promise((resolve) => {
    let bytes = 0
    const child = spawnTerminal('cat', [source], { encoding: null })
    child.onData((chunk) => {
      // A terminal ends each line with a carriage return too.
      const data = chunk as unknown as Buffer
      bytes += data.length - (data.toString('latin1').split('\r').length - 1)
    })
    child.onExit(() => resolve(bytes))
  })
}

function writeTranscript(path: string, megabytes: number): number {
  const lines: string[] = []
  for (let count = 0, length = 0; length < megabytes * 1e6; count++) {
    const content = [{ type: 'text', text: `Step ${count}: ${'looking around, '.repeat(12)}` }]
    const usage = { input_tokens: 4, output_tokens: 1, cache_read_input_tokens: 20_000 }
    const message = { id: `msg_${count}`, model: 'claude-opus-5-5', content, usage }
    const line = `${JSON.stringify({ type: 'assistant', message, session_id: 's', uuid: count })}\n`
    lines.push(line)
    length += line.length
  }
  writeFileSync(path, lines.join(''))
  return statSync(path).size
}
