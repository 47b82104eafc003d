import * as Y from 'yjs'
import { z } from 'zod'
import { Problem } from '../../kernel/problem.ts'
import { type ArchivedRow, isSound } from './archive.ts'

/** What a copy of the document tells its owner. */
export interface Ask {
  /** What it has seen of the document. */
  readonly stateVector: Uint8Array
  /** How far it knows the archive. */
  readonly archived: number
  /** Its requests without an answer, in the order in which they were made; not checked any further. */
  readonly requests: readonly unknown[]
}

/**
 * missing: what the copy lacks. edition: the present edition, to take the place of the earlier one that
 * the copy has a part of. whole: the copy has what the owner never said, and is to begin anew.
 */
export type ReplyKind = (typeof kinds)[number]
const kinds = ['missing', 'edition', 'whole'] as const

/** What the owner tells a copy of the document. */
export interface Reply {
  readonly kind: ReplyKind
  /** Of which edition it is. */
  readonly edition: number
  /** What came to the archive after this place, oldest first. */
  readonly archivedFrom: number
  readonly archived: readonly ArchivedRow[]
  readonly update: Uint8Array
}

const count = z.number().int().nonnegative()
const askSchema = z.object({
  stateVector: z.base64(),
  archived: count.default(0),
  requests: z.array(z.unknown()),
})
const row = z.custom<ArchivedRow>(
  (value) => typeof value === 'object' && value !== null && isSound(value as ArchivedRow),
)
const headSchema = z.object({
  kind: z.enum(kinds),
  edition: count,
  archivedFrom: count,
  archived: z.array(row),
})

export function writeAsk({ stateVector, archived, requests }: Ask): Uint8Array {
  const text = { stateVector: Buffer.from(stateVector).toString('base64'), archived, requests }
  return Buffer.from(JSON.stringify(text))
}

/** Throws `Problem` `bad-ask` where it is none. */
export function readAsk(bytes: Uint8Array): Ask {
  try {
    const { stateVector, ...rest } = askSchema.parse(JSON.parse(Buffer.from(bytes).toString()))
    const seen = Buffer.from(stateVector, 'base64')
    Y.decodeStateVector(seen)
    return { stateVector: seen, ...rest }
  } catch (cause) {
    throw new Problem(
      'bad-ask',
      'The other node asks what this one does not understand: bring both to the same version.',
      { cause },
    )
  }
}

/** The length of the head, the head as JSON, and the update. */
export function writeReply({ update, ...head }: Reply): Uint8Array {
  const text = Buffer.from(JSON.stringify(head))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  return Buffer.concat([length, text, update])
}

/** Throws `Problem` `unfitting-update` where it is none. */
export function readReply(bytes: Uint8Array): Reply {
  try {
    const buffer = Buffer.from(bytes)
    const end = 4 + buffer.readUInt32BE(0)
    const head = headSchema.parse(JSON.parse(buffer.subarray(4, end).toString()))
    return { ...head, update: bytes.subarray(end) }
  } catch (cause) {
    throw unfitting(cause)
  }
}

/** What another node said is broken, or builds on what is not here. */
export function unfitting(cause?: unknown): Problem {
  return new Problem(
    'unfitting-update',
    'What the other node said does not fit what is here: ask it again, and bring both to the same version.',
    { cause },
  )
}
