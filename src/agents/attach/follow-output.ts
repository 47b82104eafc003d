import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { type Clock, pause } from '../../kernel/clock.ts'
import type { ProcessHost } from '../../processes/process-host.ts'
import { inWords } from '../runs/in-words.ts'
import { LineReader } from '../runs/line-reader.ts'
import type { OutputReader } from '../runtime.ts'

/** A run that is followed. */
export interface FollowedRun {
  readonly id: string
  /** Understands what its program says; that is shown as it is where this is missing. */
  readonly reader?: OutputReader
}

/** How much of what was said earlier is shown, in bytes: of JSON, few are words. */
const backlogBytes = 64 * 1024
const jsonBacklogBytes = 1024 * 1024
const lookEveryMs = 100
const lineFeed = 10

/**
 * Writes what the run has said lately, then what it says from now on, until it is over: in words where
 * it has a reader, else the program's own bytes.
 */
export async function followOutput(
  host: ProcessHost,
  clock: Clock,
  { id, reader }: FollowedRun,
  isOver: () => Promise<boolean>,
  output: Writable,
): Promise<void> {
  const lines = new LineReader()
  const shown = (bytes: Uint8Array) => (reader ? worded(reader, lines.push(bytes)) : bytes)
  let { bytes, offset } = backlog(host, id, reader ? jsonBacklogBytes : backlogBytes)
  for (;;) {
    const text = shown(bytes)
    if (text.length > 0 && !output.write(text)) await once(output, 'drain')
    // Asked before reading: what is over has written all of its output.
    const over = await isOver()
    ;({ bytes, offset } = host.read(id, offset))
    if (bytes.length > 0) continue
    if (over) break
    await pause(clock, lookEveryMs)
  }
  if (reader) output.write(worded(reader, lines.end()))
}

function worded(reader: OutputReader, lines: readonly string[]): string {
  return lines
    .flatMap((line) => reader.line(line))
    .flatMap(inWords)
    .map((line) => `${line}\n`)
    .join('')
}

/** The end of what is there by now; begins with a whole line. */
function backlog(host: ProcessHost, run: string, most: number) {
  let kept = Buffer.alloc(0)
  let chunk = host.read(run, 0)
  let cut = false
  for (; chunk.bytes.length > 0; chunk = host.read(run, chunk.offset)) {
    kept = Buffer.concat([kept, chunk.bytes])
    cut ||= kept.length > most
    kept = kept.subarray(-most)
  }
  const bytes = cut ? kept.subarray(kept.indexOf(lineFeed) + 1) : kept
  return { bytes: bytes as Uint8Array, offset: chunk.offset }
}
