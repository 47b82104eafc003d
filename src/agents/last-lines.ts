import type { ProcessHost } from '../processes/process-host.ts'
import { LineReader } from './line-reader.ts'
import type { Run } from './run.ts'
import type { AgentEvent, OutputReader } from './runtime.ts'

/** So much is read before the place up to which the run's output is known to have been read. */
const windowBytes = 64 * 1024

/** The last `count` lines that a run said, as a person reads them. Empty when nothing is kept. */
export function lastLines(
  host: Pick<ProcessHost, 'read'>,
  run: Run,
  reader: OutputReader,
  count: number,
): readonly string[] {
  const start = Math.max(0, run.offset - windowBytes)
  const lines = new LineReader()
  let read: string[] = []
  let chunk = host.read(run.id, start)
  for (; chunk.bytes.length > 0; chunk = host.read(run.id, chunk.offset))
    read = [...read, ...lines.push(chunk.bytes)].slice(-2 * count - 1)
  const all = [...read, ...lines.end()]
  // Whoever begins in the middle of a line has only its end.
  const whole = start > 0 ? all.slice(1) : all
  return whole
    .flatMap((line) => reader.line(line))
    .flatMap(render)
    .slice(-count)
}

function render(event: AgentEvent): string[] {
  switch (event.type) {
    case 'text':
      return event.text.split('\n')
    case 'tool-start':
      return [`[${event.name}]`]
    case 'end':
      return event.text === undefined ? [] : event.text.split('\n')
    default:
      return []
  }
}
