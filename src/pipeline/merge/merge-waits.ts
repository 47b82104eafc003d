/** Why items of the queue wait though their turn has come, and how soon each is looked at again. */
export class MergeWaits {
  readonly #waits = new Map<number, { readonly sentence: string; readonly afterMs: number }>()

  /** What a person is told of the item; undefined where it waits for its turn only. */
  of(item: number): string | undefined {
    return this.#waits.get(item)?.sentence
  }

  /** In how many ms the first of them is to be looked at again; infinite where none waits. */
  get afterMs(): number {
    return Math.min(Infinity, ...[...this.#waits.values()].map(({ afterMs }) => afterMs))
  }

  set(item: number, sentence: string, afterMs = lookAgainMs): void {
    this.#waits.set(item, { sentence, afterMs })
  }

  clear(): void {
    this.#waits.clear()
  }
}

/** How soon a checkout that was in the way is looked at again. */
const lookAgainMs = 5_000
