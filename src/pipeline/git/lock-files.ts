import { readdirSync, rmSync, statSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { type Clock, pause } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { Problem } from '../../kernel/problem.ts'
import type { Lifetime } from '../worktrees.ts'

export interface LockFilesOptions {
  readonly clock: Clock
  readonly log: Log
  /** For how long this machine has been running, in ms; it is asked where this is missing. */
  readonly upMs?: () => number
}

/**
 * The lock files of gits that were killed before they could give them back. Git itself never takes
 * one away, so that whoever comes after would wait for ever.
 */
export class LockFiles {
  readonly #clock: Clock
  readonly #log: Log
  readonly #upMs: () => number

  constructor({ clock, log, upMs = () => uptime() * 1000 }: LockFilesOptions) {
    this.#clock = clock
    this.#log = log
    this.#upMs = upMs
  }

  /**
   * Takes the lock away that kept a git from going on, if it is nobody's. Returns whether that git may
   * try again.
   */
  release(lock: string): boolean {
    const ageMs = this.#ageOf(lock)
    if (ageMs === undefined) return true
    if (!isBrief(lock) || ageMs <= Math.min(longestHeldMs, this.#upMs())) return false
    this.#remove(lock, ageMs)
    return true
  }

  /**
   * Takes every lock away in git's folder for a worktree that nobody but this program works in. A git
   * that outlived an earlier program is given the time to end.
   */
  async clear(folder: string): Promise<void> {
    const names = readdirSync(folder).filter((name) => name.endsWith('.lock'))
    for (const lock of names.map((name) => join(folder, name))) {
      const isYoung = () => (this.#ageOf(lock) ?? patienceMs) < patienceMs
      // Counted too, because a lock seems to be made in the future where the clock was put back.
      for (let waited = 0; waited < patienceMs && isYoung(); waited += lookMs)
        await pause(this.#clock, lookMs)
      const ageMs = this.#ageOf(lock)
      if (ageMs !== undefined) this.#remove(lock, ageMs)
    }
  }

  /** Takes away those of `locks` that were made in one of these lifetimes: it was somebody dead. */
  removeLeft(locks: readonly string[], dead: readonly Lifetime[]): void {
    for (const lock of locks) {
      const ageMs = this.#ageOf(lock)
      if (ageMs === undefined) continue
      const at = this.#clock.now() - ageMs
      if (dead.some(({ from, to }) => from <= at && at <= to)) this.#remove(lock, ageMs)
    }
  }

  /** In ms; undefined for what is not there. */
  #ageOf(lock: string): number | undefined {
    const found = statSync(lock, { throwIfNoEntry: false })
    return found && this.#clock.now() - found.mtimeMs
  }

  #remove(lock: string, ageMs: number): void {
    rmSync(lock, { force: true })
    this.#log.warn({ lock, ageMs: Math.round(ageMs) }, 'A lock is removed that a killed git left.')
  }
}

/** The lock that a git has met, by what it wrote to standard error; a remote's own are not meant. */
export function lockMet(stderr: string): string | undefined {
  return met.exec(stderr)?.[1]
}

/** What a person is told of a lock that may be somebody's. */
export function lockedBy(lock: string): Problem {
  const later = isBrief(lock) ? ' When it is ten minutes old, it is removed.' : ''
  return new Problem(
    'git-locked',
    `Another git holds ${lock}: let it end, or delete that file if none is at work.${later}`,
  )
}

/** Whether git holds it only while it writes a ref. An index is held as long as an editor is open. */
function isBrief(lock: string): boolean {
  return /\/(?:(?:ORIG_)?HEAD\.lock|packed-refs\.(?:lock|new)|refs\/.+\.lock)$/.test(lock)
}

const met = /^(?!remote:).*unable to create (?:file )?'?(\/.+?\.(?:lock|new))'?: File exists/im
const longestHeldMs = 600_000
const patienceMs = 5_000
const lookMs = 50
