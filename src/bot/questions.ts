import type { Clock } from '../kernel/clock.ts'
import type { Inbox, StoredQuestion } from './inbox.ts'
import { type Place, sessionOf } from './message.ts'

/** How long a command's own question may be answered. */
export const questionMs = 120_000

/** The questions that commands have asked and nobody has answered yet: one per person and session. */
export class Questions {
  readonly #clock: Clock
  readonly #open = new Map<string, StoredQuestion>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes over what an earlier program asked. */
  load(inbox: Inbox): void {
    for (const question of inbox.questions()) this.open(question)
  }

  open(question: StoredQuestion): void {
    this.#open.set(keyOf(question.entry.session, question.entry.sender.id), question)
  }

  /** The question that this person may answer in this place now. */
  find(place: Place, personId: string): StoredQuestion | undefined {
    if (this.#open.size === 0) return undefined
    const key = keyOf(sessionOf(place), personId)
    const question = this.#open.get(key)
    if (!question || question.until > this.#clock.now()) return question
    this.#open.delete(key)
    return undefined
  }

  close(question: StoredQuestion): void {
    this.#open.delete(keyOf(question.entry.session, question.entry.sender.id))
  }
}

/** What `text` says to the question; undefined when it speaks of something else. */
export function answerTo(question: StoredQuestion, text: string): 'yes' | 'no' | undefined {
  const word = text
    .trim()
    .toLowerCase()
    .replace(/(?<![.!])[.!]+$/, '')
  if (word === '1' || word === 'yes' || word === 'y' || word === question.yes.toLowerCase())
    return 'yes'
  if (word === '2' || word === 'no' || word === 'n') return 'no'
  return undefined
}

/** The key of the message that asks it. */
export function keyOfQuestion({ entry }: Pick<StoredQuestion, 'entry'>): string {
  return `question:${entry.id}`
}

function keyOf(session: string, personId: string): string {
  return `${session} ${personId}`
}
