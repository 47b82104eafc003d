/** Lets one piece of work in at a time, in order of arrival. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve()

  /** Runs `work` once everything that came before it has ended, however that ended. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => undefined)
    return result
  }
}

/** A mutex for every key, each of which is forgotten when nobody holds it or waits for it. */
export class KeyedMutex<Key> {
  readonly #waiting = new Map<Key, { readonly mutex: Mutex; count: number }>()

  /** Runs `work` once all earlier work of the same key has ended. */
  async run<T>(key: Key, work: () => Promise<T>): Promise<T> {
    const entry = this.#waiting.get(key) ?? { mutex: new Mutex(), count: 0 }
    this.#waiting.set(key, entry)
    entry.count++
    try {
      return await entry.mutex.run(work)
    } finally {
      entry.count--
      if (entry.count === 0) this.#waiting.delete(key)
    }
  }
}
