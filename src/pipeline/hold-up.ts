/** What keeps every item of the queue from landing, and when it is looked at again. */
export class HoldUp {
  #sentence: string | undefined
  #until = 0
  #times = 0

  /** What a person is told; undefined while nothing is in the way. */
  get sentence(): string | undefined {
    return this.#sentence
  }

  /** Each time in a row that it is found in the way, the pause is twice as long, up to two minutes. */
  found(sentence: string, now: number): void {
    this.#sentence = sentence
    this.#until = now + Math.min(longestPauseMs, firstPauseMs * 2 ** this.#times)
    this.#times += 1
  }

  /** In how many ms it is to be looked at again: 0 when that is due. */
  remaining(now: number): number {
    return Math.max(0, this.#until - now)
  }

  clear(): void {
    this.#sentence = undefined
    this.#until = 0
    this.#times = 0
  }
}

const firstPauseMs = 5_000
const longestPauseMs = 120_000
