/** Tells what happened to whoever listens now. A notice is a hint: it may be missed, never relied on. */
export class Notices<Notice> {
  readonly #listeners = new Set<(notice: Notice) => void>()

  /** Calls `listener` with each later notice, until the function it returns is called. */
  listen(listener: (notice: Notice) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Hands `notice` to every listener, in the order in which they came. */
  tell(notice: Notice): void {
    for (const listener of [...this.#listeners]) listener(notice)
  }
}
