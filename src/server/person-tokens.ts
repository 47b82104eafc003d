import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { Problem } from '../kernel/problem.ts'

const stored = z.array(
  z.strictObject({
    id: z.string(),
    person: z.string(),
    /** The SHA-256 of the token, never the token. */
    hash: z.string(),
    /** In ms since the epoch. */
    madeAt: z.number(),
  }),
)

/** A token of somebody's, without what it is. */
export type PersonToken = Omit<z.infer<typeof stored>[number], 'hash'>

/**
 * The tokens by which people show their own programs to be theirs. They are in a file, which is read at
 * each question, so that one that is made or taken back counts at once, in the program that runs too.
 */
export class PersonTokens {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  /** A new token for whoever has this network id. It is told once, here. */
  issue(person: string, madeAt: number): PersonToken & { readonly token: string } {
    const token = randomBytes(32).toString('base64url')
    const made = { id: randomBytes(3).toString('hex'), person, madeAt }
    this.#write([...this.#read(), { ...made, hash: hashOf(token) }])
    return { ...made, token }
  }

  /** Oldest first. */
  all(): readonly PersonToken[] {
    return this.#read().map(({ hash: _, ...token }) => token)
  }

  /** It is worth nothing from now on. Throws `Problem` `no-such-token`. */
  revoke(id: string): PersonToken {
    const tokens = this.#read()
    const revoked = tokens.find((token) => token.id === id)
    if (!revoked)
      throw new Problem(
        'no-such-token',
        `There is no token ${id}: huskies token --list shows them.`,
      )
    this.#write(tokens.filter((token) => token !== revoked))
    return revoked
  }

  /** The network id of whoever has this token. */
  personOf(token: string): string | undefined {
    const hash = hashOf(token)
    return this.#read().find((each) => each.hash === hash)?.person
  }

  #read(): z.infer<typeof stored> {
    try {
      return stored.parse(JSON.parse(readFileSync(this.#file, 'utf8')))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  #write(tokens: z.infer<typeof stored>): void {
    const beside = `${this.#file}.${process.pid}`
    writeFileSync(beside, `${JSON.stringify(tokens, null, 2)}\n`, { mode: 0o600 })
    renameSync(beside, this.#file)
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
