import type { Clock } from '../kernel/clock.ts'
import { Problem } from '../kernel/problem.ts'
import type { Store } from '../store/store.ts'
import { allows } from './access.ts'
import type { Role } from './command.ts'
import { type Person, type Place, sessionOf } from './message.ts'
import type { Outbox } from './outbox.ts'

/** A question of somebody who waits for its answer, such as an agent at work. */
export interface Ask<Answer> {
  /** Markdown. */
  readonly text: string
  /** The rooms that are asked; an answer from any of them counts. */
  readonly places: readonly Place[]
  /** What somebody must be for their answer to count. */
  readonly role: Role
  readonly timeoutMs: number
  /** What happens without an answer, after "otherwise". */
  readonly otherwise: string
  /** The words that answer it; without them any text does. */
  readonly words?: readonly string[]
  /**
   * Takes an answer, in the transaction that stores the reply. Throws `Problem` for one that does
   * not fit: the question stays open then.
   */
  accept(text: string, by: Person): { readonly answer: Answer; readonly reply: string }
}

export interface AsksParts {
  readonly store: Pick<Store, 'transaction' | 'afterCommit' | 'onRollback'>
  readonly outbox: Pick<Outbox, 'enqueue'>
  readonly clock: Clock
  /** From 0 up to 1; makes ids that were not used before. */
  readonly random: () => number
}

/** A question that waits. */
interface Open {
  readonly ask: Ask<unknown>
  readonly end: (why: string, answer?: unknown) => void
}

/** What became of a question, for those who answer late. */
interface Over {
  readonly why: string
  /** Where a word alone may still be meant for it. */
  readonly places: readonly Place[]
  readonly at: number
}

/** So many are remembered; and so long a word alone is taken for an answer that came late. */
const mostRemembered = 200
const lateMs = 300_000

/** Without vowels, so that no id is a word, and without what looks alike. */
const letters = 'bcdfghjkmnpqrstvwxz23456789'
const idLength = 5
/** What a question's id looks like. */
export const askId = new RegExp(`^[${letters}]{${idLength}}$`, 'i')
/** `yes`, or `yes ID`. */
const wordAndId = new RegExp(`^(\\w+)[.!]*(?: ([${letters}]{${idLength}})[.!]*)?$`, 'i')
const shortWords: Readonly<Record<string, string>> = { y: 'yes', n: 'no' }

/**
 * The questions that are open in the rooms. They live in memory only: who asked waits for the answer
 * over a connection that a restart of this program cuts, so that no question outlives it. An id is
 * drawn anew for each, so that a late answer never meets another question.
 */
export class Asks {
  readonly #parts: AsksParts
  readonly #open = new Map<string, Open>()
  readonly #over = new Map<string, Over>()

  constructor(parts: AsksParts) {
    this.#parts = parts
  }

  /**
   * Asks, and resolves with the answer; with undefined when there is nobody to ask, nobody answers in
   * time, or `signal` says that the answer is not waited for any more.
   */
  ask<Answer>(ask: Ask<Answer>, signal: AbortSignal): Promise<Answer | undefined> {
    if (ask.places.length === 0 || signal.aborted) return Promise.resolve(undefined)
    const id = this.#draw()
    this.#put(id, ask)
    return new Promise((resolve) => {
      const end = (why: string, answer?: unknown) => {
        timer.cancel()
        signal.removeEventListener('abort', gone)
        this.#open.delete(id)
        const unanswered = answer === undefined ? ask.places : []
        this.#remember(id, { why, places: unanswered, at: this.#parts.clock.now() })
        resolve(answer as Answer | undefined)
      }
      const gone = () => end('nobody waits for its answer any more')
      const timer = this.#parts.clock.after(ask.timeoutMs, () => {
        const why = `nobody answered within ${duration(ask.timeoutMs)}`
        this.#tell(ask.places, `Question ${id} is over: ${why}. ${capital(ask.otherwise)}.`)
        end(why)
      })
      signal.addEventListener('abort', gone)
      this.#open.set(id, { ask, end })
    })
  }

  /**
   * Reads `yes ID`, `ID: text`, or a word such as `yes` alone, as the command that it is short for.
   * A word alone speaks of the one question that is open in its place: a `Problem` is returned where
   * there are several, or where the last one has just ended. Undefined for all other texts.
   */
  read(text: string, place: Place): string | Problem | undefined {
    const [, word, named] = wordAndId.exec(text.trim()) ?? []
    const known = word && (shortWords[word.toLowerCase()] ?? word.toLowerCase())
    if (known && ['yes', 'no', 'always'].includes(known))
      return named ? `answer ${named.toLowerCase()} ${known}` : this.#readAlone(known, place)
    const [, id = '', answer] = /^(\w+):\s*(.+)$/s.exec(text.trim()) ?? []
    return this.#knows(id.toLowerCase()) ? `answer ${id.toLowerCase()} ${answer}` : undefined
  }

  /**
   * Takes somebody's answer to the question and returns what they are told. Part of a transaction:
   * whoever asked has the answer once that is stored. Throws `Problem` `question-over`,
   * `no-such-question`, `not-allowed`, or what the question itself has against the answer.
   */
  answer(id: string, text: string, by: Person, role: Role, place: Place): string {
    const { store } = this.#parts
    const open = this.#open.get(id)
    if (!open) throw this.#notOpen(id)
    const { ask, end } = open
    if (!allows(role, ask.role))
      throw new Problem(
        'not-allowed',
        `Question ${id} is for ${ask.role}s, and you are a ${role} here: ask an admin.`,
      )
    const { answer, reply } = ask.accept(text, by)
    this.#open.delete(id)
    store.onRollback(() => this.#open.set(id, open))
    store.afterCommit(() => end(`${by.name} has answered it`, answer))
    const elsewhere = ask.places.filter((other) => sessionOf(other) !== sessionOf(place))
    this.#tell(elsewhere, `${by.name} has answered question ${id}: ${reply}`)
    return reply
  }

  #readAlone(word: string, place: Place): string | Problem | undefined {
    const here = [...this.#open].filter(
      ([, { ask }]) => ask.words?.includes(word) && isAskedIn(ask.places, place),
    )
    const [first, ...others] = here.map(([id]) => id)
    if (first !== undefined && others.length === 0) return `answer ${first} ${word}`
    if (first !== undefined)
      return new Problem(
        'which-question',
        `${here.length} questions are open: say which one you mean, such as \`${word} ${first}\`.`,
      )
    return this.#late(place)
  }

  /** The question that a word alone comes too late for; it is told once. */
  #late(place: Place): Problem | undefined {
    const [id, over] = [...this.#over].findLast(([, { places }]) => isAskedIn(places, place)) ?? []
    if (id === undefined || !over || this.#parts.clock.now() - over.at > lateMs) return undefined
    this.#over.set(id, { ...over, places: [] })
    return this.#notOpen(id)
  }

  #notOpen(id: string): Problem {
    const over = this.#over.get(id)
    if (over) return new Problem('question-over', `Question ${id} is over: ${over.why}.`)
    return new Problem(
      'no-such-question',
      `There is no open question ${id}: whoever asked it does not wait any more.`,
    )
  }

  #knows(id: string): boolean {
    return this.#open.has(id) || this.#over.has(id)
  }

  #put(id: string, { text, places, words, timeoutMs, otherwise }: Ask<unknown>): void {
    const forms = words?.map((word) => `\`${word} ${id}\``).join(', ') ?? `\`${id}: YOUR ANSWER\``
    const how = `Answer with ${forms} within ${duration(timeoutMs)}; otherwise ${otherwise}.`
    const choices = words?.map((word) => ({ label: `${capital(word)} ${id}` }))
    this.#parts.store.transaction(() => {
      for (const place of places)
        this.#parts.outbox.enqueue({
          ...place,
          text: `${text}\n\n${how}`,
          ...(choices && { choices }),
        })
    })
  }

  #tell(places: readonly Place[], text: string): void {
    this.#parts.store.transaction(() => {
      for (const place of places) this.#parts.outbox.enqueue({ ...place, text })
    })
  }

  #remember(id: string, over: Over): void {
    this.#over.set(id, over)
    const [oldest] = this.#over.keys()
    if (this.#over.size > mostRemembered && oldest !== undefined) this.#over.delete(oldest)
  }

  #draw(): string {
    const { random } = this.#parts
    const draw = () => letters[Math.floor(random() * letters.length)]
    const id = Array.from({ length: idLength }, draw).join('')
    return this.#knows(id) ? this.#draw() : id
  }
}

function isAskedIn(places: readonly Place[], place: Place): boolean {
  return places.some((asked) => sessionOf(asked) === sessionOf(place))
}

function duration(ms: number): string {
  return ms % 60_000 === 0 && ms > 120_000
    ? `${ms / 60_000} minutes`
    : `${Math.round(ms / 1000)} seconds`
}

function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`
}
