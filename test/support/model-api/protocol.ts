import type { Dialogue } from './dialogue.ts'
import type { Answer, Refusal } from './reply.ts'

/** One way to speak with a model over HTTP. Functions of values: the server does the talking. */
export interface Protocol {
  readonly name: string
  /** Whether this request asks the model for an answer. */
  asks(method: string, path: string): boolean
  /** What a request without a question to the model gets; undefined if it is not known. */
  aside(method: string, path: string): object | undefined
  /** Throws on anything that is not known. */
  read(body: unknown, path: string): Dialogue
  /** What the model says to a question beside the work, such as for a title; undefined for the work. */
  small(dialogue: Dialogue): string | undefined
  /** The pieces of the stream, in order. `serial` makes ids unique. */
  stream(answer: Answer, dialogue: Dialogue, serial: number): readonly string[]
  /** The body of a refusal. */
  refuse(refusal: Refusal): object
}

/** A server-sent event; services that name theirs do so by the type of what they send. */
export function event(data: { readonly type?: string; readonly [field: string]: unknown }): string {
  const name = data.type === undefined ? '' : `event: ${data.type}\n`
  return `${name}data: ${JSON.stringify(data)}\n\n`
}

/** Halves of a text, as a model would send it in pieces. */
export function pieces(text: string): readonly string[] {
  const letters = [...text]
  const middle = Math.ceil(letters.length / 2)
  return [letters.slice(0, middle).join(''), letters.slice(middle).join('')].filter(
    (it) => it !== '',
  )
}
