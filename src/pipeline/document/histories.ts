import type * as Y from 'yjs'
import type { HistoryEntry } from '../item.ts'

/** The lines of the items' histories in the document, as JSON texts by `number/place`. */
export class Histories {
  readonly #lines: Y.Map<string>
  /** The lines that an older program wrote; they come first. */
  readonly #earlier: Y.Map<Y.Map<HistoryEntry>>

  constructor(lines: Y.Map<string>, earlier: Y.Map<Y.Map<HistoryEntry>>) {
    this.#lines = lines
    this.#earlier = earlier
  }

  /** Oldest first. */
  of(id: number): HistoryEntry[] {
    const earlier = [...(this.#earlier.get(String(id))?.entries() ?? [])]
    const history = earlier.sort(([a], [b]) => Number(a) - Number(b)).map(([, entry]) => entry)
    for (;;) {
      const line = this.#lines.get(`${id}/${history.length}`)
      if (line === undefined) return history
      history.push(JSON.parse(line))
    }
  }

  /** Adds a line. Part of a change, as all that follow. */
  add(id: number, entry: HistoryEntry): void {
    let place = this.#earlier.get(String(id))?.size ?? 0
    while (this.#lines.has(`${id}/${place}`)) place += 1
    this.#lines.set(`${id}/${place}`, JSON.stringify(entry))
  }

  /** Removes all lines of an item. */
  drop(id: number): void {
    let place = this.#earlier.get(String(id))?.size ?? 0
    this.#earlier.delete(String(id))
    for (; this.#lines.has(`${id}/${place}`); place += 1) this.#lines.delete(`${id}/${place}`)
  }

  copyTo(other: Histories): void {
    const lines = other.#lines
    for (const [id, earlier] of this.#earlier.entries())
      for (const [place, entry] of earlier.entries())
        lines.set(`${id}/${place}`, JSON.stringify(entry))
    for (const [key, line] of this.#lines.entries()) lines.set(key, line)
  }
}
