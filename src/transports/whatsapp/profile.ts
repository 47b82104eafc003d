import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../../kernel/clock.ts'
import { Problem } from '../../kernel/problem.ts'
import { acquireLock, type Lock } from '../../store/lock.ts'
import { ConnectionFailure } from '../transport.ts'
import { endLeftovers } from './leftovers.ts'

const accountFile = z.object({ id: z.string(), lid: z.string().optional(), name: z.string() })

/**
 * What a browser leaves that did not end by itself. Where that was on a host of another name, such as
 * an earlier container, the next one would not start.
 */
const remains = ['SingletonLock', 'SingletonCookie', 'SingletonSocket']

/** The account that the bot has on WhatsApp. */
export type Account = z.infer<typeof accountFile>

/** Where WhatsApp Web keeps its login, and who is logged in. It is for one browser at a time. */
export class Profile {
  /** The browser's own folder. */
  readonly folder: string
  /** What is scanned to be logged in; only there while it is of use. */
  readonly picture: string
  readonly #home: string
  readonly #clock: Clock

  constructor(state: string, clock: Clock) {
    this.#home = join(state, 'whatsapp')
    this.folder = join(this.#home, 'profile')
    this.picture = join(this.#home, 'pairing.svg')
    this.#clock = clock
  }

  /**
   * Takes the profile for this program, and ends what an earlier one has left there. Throws
   * `ConnectionFailure` where another program uses it.
   */
  async open(): Promise<Lock> {
    for (const folder of [this.#home, this.folder]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      chmodSync(folder, 0o700)
    }
    const lock = this.#lock()
    try {
      await endLeftovers(this.folder, this.#clock)
      for (const name of remains) rmSync(join(this.folder, name), { force: true })
      rmSync(this.picture, { force: true })
    } catch (error) {
      lock.release()
      throw error
    }
    return lock
  }

  /** Who was logged in last; undefined where nobody is any more. */
  get account(): Account | undefined {
    const file = this.#accountFile
    return existsSync(file) ? accountFile.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined
  }

  /** Remembers who is logged in. */
  keep(account: Account): void {
    // A file of its own keeps the old one whole if this write is cut off.
    writeFileSync(`${this.#accountFile}.new`, JSON.stringify(account), { mode: 0o600 })
    renameSync(`${this.#accountFile}.new`, this.#accountFile)
  }

  /** Nobody is logged in any more. */
  forget(): void {
    rmSync(this.#accountFile, { force: true })
  }

  /** Puts the login aside, with all that the browser has kept. */
  archive(): void {
    const moment = new Date(this.#clock.now()).toISOString().replaceAll(':', '-')
    renameSync(this.folder, join(this.#home, `logged-out-${moment}`))
    this.forget()
  }

  get #accountFile(): string {
    return join(this.#home, 'account.json')
  }

  #lock(): Lock {
    try {
      return acquireLock(join(this.#home, 'lock'), { pid: process.pid, now: this.#clock.now() })
    } catch (error) {
      if (error instanceof Problem) throw new ConnectionFailure('conflict', error.message)
      throw error
    }
  }
}
