import type { ProcessHost } from '../../processes/process-host.ts'
import type { OutputReader } from '../runtime.ts'
import { inWords } from './in-words.ts'
import { LineReader } from './line-reader.ts'
import type { Run } from './run.ts'

/**
 * So much is read before the place up to which the run's output is known to have been read. Programs
 * that write each word as it comes need a hundred bytes for one.
 */
const windowBytes = 1024 * 1024

/** The last `count` lines that a run said, as a person reads them. Empty when nothing is kept. */
export function lastLines(
  host: Pick<ProcessHost, 'read'>,
  run: Run,
  reader: OutputReader,
  count: number,
): readonly string[] {
  const start = Math.max(0, run.offset - windowBytes)
  const lines = new LineReader()
  // Whoever begins in the middle of a line has only its end.
  let broken = start > 0
  let said: string[] = []
  const hear = (whole: readonly string[]) => {
    const understood = broken ? whole.slice(1) : whole
    broken &&= whole.length === 0
    said = [...said, ...understood.flatMap((line) => reader.line(line)).flatMap(inWords)]
    said = said.slice(-count)
  }
  let chunk = host.read(run.id, start)
  for (; chunk.bytes.length > 0; chunk = host.read(run.id, chunk.offset))
    hear(lines.push(chunk.bytes))
  hear(lines.end())
  return said
}
