import * as Y from 'yjs'
import { z } from 'zod'
import { Problem } from '../kernel/problem.ts'

/** What a copy of the document tells its owner. */
export interface Ask {
  /** What it has seen of the document. */
  readonly stateVector: Uint8Array
  /** Its requests without an answer, in the order in which they were made; not checked any further. */
  readonly requests: readonly unknown[]
}

/** What the owner tells a copy of the document. */
export interface Reply {
  /** missing: what the copy lacks. whole: it has what the owner never said, and is to begin anew. */
  readonly kind: 'missing' | 'whole'
  readonly update: Uint8Array
}

const askSchema = z.object({ stateVector: z.base64(), requests: z.array(z.unknown()) })
const kinds = ['missing', 'whole'] as const

export function writeAsk({ stateVector, requests }: Ask): Uint8Array {
  const text = { stateVector: Buffer.from(stateVector).toString('base64'), requests }
  return Buffer.from(JSON.stringify(text))
}

/** Throws `Problem` `bad-ask` where it is none. */
export function readAsk(bytes: Uint8Array): Ask {
  try {
    const { stateVector, requests } = askSchema.parse(JSON.parse(Buffer.from(bytes).toString()))
    const seen = Buffer.from(stateVector, 'base64')
    Y.decodeStateVector(seen)
    return { stateVector: seen, requests }
  } catch (cause) {
    throw new Problem(
      'bad-ask',
      'The other node asks what this one does not understand: bring both to the same version.',
      { cause },
    )
  }
}

export function writeReply({ kind, update }: Reply): Uint8Array {
  return Buffer.concat([Buffer.of(kinds.indexOf(kind)), update])
}

/** Throws `Problem` `unfitting-update` where it is none. */
export function readReply(bytes: Uint8Array): Reply {
  const kind = kinds[bytes[0] ?? kinds.length]
  if (kind) return { kind, update: bytes.subarray(1) }
  throw new Problem(
    'unfitting-update',
    'The other node says what this one does not understand: bring both to the same version.',
  )
}
