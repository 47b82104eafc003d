import { stripVTControlCharacters } from 'node:util'
import type { AgentEvent, Outcome, OutputReader } from '../runtime.ts'
import { Fields } from './fields.ts'
import { type Ending, judgeEnding } from './outcome.ts'
import { resetTimeIn } from './reset-time.ts'

/** How one program writes what it does: a JSON object a line. */
export interface Dialect {
  /** The events of one object, in order; undefined where nothing like it is known. */
  read(line: Fields): readonly AgentEvent[] | undefined
  /** The events of a line that is not JSON; undefined where it is for people only. */
  text?(line: string): readonly AgentEvent[] | undefined
  /** What the dialect alone knows of the end of a run with this exit code. */
  ending(exitCode: number | undefined): Partial<Ending>
}

/**
 * Reads the lines of a program that writes JSON, in its dialect. Other lines are for people: they
 * are passed on, and never take a run down.
 */
export class JsonLines implements OutputReader {
  readonly #dialect: Dialect
  readonly #denied = new Set<string>()
  #session: string | undefined
  #end: Extract<AgentEvent, { type: 'end' }> | undefined
  #limit: Extract<AgentEvent, { type: 'limit' }> | undefined
  #notes: readonly string[] = []

  constructor(dialect: Dialect) {
    this.#dialect = dialect
  }

  line(raw: string): readonly AgentEvent[] {
    const text = plain(raw)
    if (text === '') return []
    if (!text.startsWith('{')) return this.#dialect.text?.(text) ?? [this.#note(text)]
    const fields = parse(text)
    const events = fields && this.#dialect.read(fields)
    return events
      ? events.filter((event) => this.#isNews(event))
      : [{ type: 'unknown', line: shortened(text) }]
  }

  outcome(exitCode: number | undefined, saidAt: number): Outcome {
    const { ok, text } = this.#end ?? {}
    const message = text ?? (endedByItself(exitCode) ? this.#notes.join('\n') : '')
    return judgeEnding({
      exitCode,
      said: ok === undefined ? undefined : ok ? 'done' : 'error',
      session: this.#session !== undefined,
      message,
      codes: [],
      limitReached: this.#limit?.status === 'refused',
      resetsAt: this.#limit?.resetsAt ?? resetTimeIn(message, saidAt),
      denied: [...this.#denied],
      ...this.#dialect.ending(exitCode),
    })
  }

  #note(text: string): AgentEvent {
    this.#notes = [...this.#notes.slice(1 - mostNotes), shortened(text)]
    return { type: 'warning', text }
  }

  /** Keeps what the outcome depends on. A session is told once, and only if it looks like one. */
  #isNews(event: AgentEvent): boolean {
    if (event.type === 'end') this.#end = event
    if (event.type === 'limit') this.#limit = event
    if (event.type === 'denied') this.#denied.add(event.tool)
    if (event.type !== 'session') return true
    if (event.id === this.#session || !sessionId.test(event.id)) return false
    this.#session = event.id
    return true
  }
}

/** It is given to a program as an argument some day. */
const sessionId = /^\w[\w-]{0,99}$/
const mostNotes = 3
const longestNote = 1_000

/** A line as a person would see it. A terminal's control sequences are never part of JSON. */
function plain(raw: string): string {
  const text = raw.includes('\u001b') ? stripVTControlCharacters(raw) : raw
  return text.trim()
}

function parse(text: string): Fields | undefined {
  try {
    return Fields.of(JSON.parse(text))
  } catch {
    // Cut off, or written by somebody else: as little understood as an unknown type.
    return undefined
  }
}

function shortened(text: string): string {
  return text.length <= longestNote ? text : `${text.slice(0, longestNote)}…`
}

/** What a program printed before a signal ended it says nothing of why it ended. */
function endedByItself(exitCode: number | undefined): boolean {
  return exitCode !== undefined && exitCode <= 128
}
