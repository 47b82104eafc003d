import { createHash, randomBytes } from 'node:crypto'
import type { Statement } from 'better-sqlite3'
import type { Store } from '../../store/store.ts'
import type { Run, Runs } from './run.ts'

/**
 * The tokens by which runs show who they are when they call our tools. Only their hashes are kept;
 * a token is worth something as long as its run is claimed or running, also after a restart of this
 * program.
 */
export class RunTokens {
  readonly #store: Store
  readonly #runs: Pick<Runs, 'get'>
  readonly #keep: Statement<[number, Buffer]>
  readonly #find: Statement<[Buffer], number>
  readonly #forget: Statement<[]>

  constructor(store: Store, runs: Pick<Runs, 'get'>) {
    this.#store = store
    this.#runs = runs
    this.#keep = store.db.prepare('INSERT OR REPLACE INTO run_tokens (run, hash) VALUES (?, ?)')
    this.#find = store.db
      .prepare<[Buffer], number>('SELECT run FROM run_tokens WHERE hash = ?')
      .pluck()
    this.#forget = store.db.prepare(
      `DELETE FROM run_tokens WHERE run NOT IN (SELECT number FROM runs WHERE state <> 'ended')`,
    )
  }

  /** A new token for the run, in the place of an earlier one. */
  issue(run: Run): string {
    const token = randomBytes(32).toString('base64url')
    this.#store.transaction(() => {
      this.#forget.run()
      this.#keep.run(run.token, hashOf(token))
    })
    return token
  }

  /** The run that the token belongs to, as long as it may have a process. */
  runOf(token: string): Run | undefined {
    const number = this.#find.get(hashOf(token))
    const run = number === undefined ? undefined : this.#runs.get(`r${number}`)
    return run?.token === number && (run?.state === 'claimed' || run?.state === 'running')
      ? run
      : undefined
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
