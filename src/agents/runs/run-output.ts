import { largestOutput, type ProcessHost } from '../../processes/process-host.ts'
import type { AgentEvent, Outcome, OutputReader } from '../runtime.ts'
import { LineReader } from './line-reader.ts'
import type { Run } from './run.ts'

/** How much is read before somebody else gets a turn. */
const mostAtOnce = 1024 * 1024
/** Lent for each piece, which is taken out of it at once: most looks find nothing, and all cost the same. */
const piece = new Uint8Array(65_536)

/**
 * One run's output, read from its file and understood by its runtime's reader. What was read before
 * the program was started again is read once more, so that the reader knows all that its judgement
 * depends on, but is not told again.
 */
export class RunOutput {
  session: string | undefined
  readonly #host: Pick<ProcessHost, 'read' | 'writtenAt'>
  readonly #run: string
  readonly #reader: OutputReader
  readonly #heed: (events: readonly AgentEvent[]) => void
  readonly #lines = new LineReader()
  #told: number
  #offset = 0

  /** `heed` is told of all events, also of those that were told before. */
  constructor(
    host: Pick<ProcessHost, 'read' | 'writtenAt'>,
    run: Pick<Run, 'id' | 'offset' | 'session'>,
    reader: OutputReader,
    heed: (events: readonly AgentEvent[]) => void,
  ) {
    this.#host = host
    this.#run = run.id
    this.#reader = reader
    this.#heed = heed
    this.#told = run.offset
    this.session = run.session
  }

  /** How far lines were read to their end: where another reader may go on. */
  get offset(): number {
    return Math.max(this.#told, this.#lines.complete)
  }

  /** Whether all that an earlier start of this program has read was read again. */
  get caughtUp(): boolean {
    return this.#offset >= this.#told
  }

  /** The bytes that were seen, unfinished lines included: grows whenever the run says something. */
  get seen(): number {
    return this.#offset
  }

  /**
   * New events, of a bounded piece of the output; undefined when there is nothing new to read. What
   * lies beyond the limit is never read: the run was ended for it.
   */
  read(): readonly AgentEvent[] | undefined {
    const events: AgentEvent[] = []
    const start = this.#offset
    while (this.#offset - start < mostAtOnce && this.#offset < largestOutput) {
      const unheard = this.#told - this.#offset
      const into = unheard > 0 ? piece.subarray(0, unheard) : piece
      const { bytes, offset } = this.#host.read(this.#run, this.#offset, into)
      if (bytes.length === 0) break
      this.#offset = offset
      const heard = this.#understand(this.#lines.push(bytes))
      if (unheard <= 0) for (const event of heard) events.push(event)
    }
    return this.#offset === start ? undefined : events
  }

  /** The events of a last line without a line end. Only for a run that is dead and read to its end. */
  end(): readonly AgentEvent[] {
    return this.#understand(this.#lines.end())
  }

  /** `now` is when it ended, for one that has printed nothing. */
  outcome(exitCode: number | undefined, now: number): Outcome {
    return this.#reader.outcome(exitCode, this.#host.writtenAt(this.#run) ?? now)
  }

  #understand(lines: readonly string[]): readonly AgentEvent[] {
    const events: AgentEvent[] = []
    // Many a line: flatMap would take as long as all else that is done with it.
    for (const line of lines)
      for (const event of this.#reader.line(line)) {
        if (event.type === 'session') this.session = event.id
        events.push(event)
      }
    this.#heed(events)
    return events
  }
}
