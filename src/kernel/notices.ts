/** Tells what happened to whoever listens now. A notice is a hint: it may be missed, never relied on. */
export class Notices<Notice> {
  /** Replaced as a whole, so that a listener may come or go while they are told. */
  #listeners: readonly ((notice: Notice) => void)[] = []

  /** Calls `listener` with each later notice, until the function it returns is called. */
  listen(listener: (notice: Notice) => void): () => void {
    this.#listeners = [...this.#listeners, listener]
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener)
    }
  }

  /** Hands `notice` to every listener, in the order in which they came. */
  tell(notice: Notice): void {
    for (const listener of this.#listeners) listener(notice)
  }
}
