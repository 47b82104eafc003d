/** One session's turns that wait. It exists only while one is under way. */
interface Lane<Turn> {
  readonly turns: Turn[]
  work: Promise<void>
}

/**
 * Keeps the order of each session: its turns are taken one after the other, in the order in which they
 * came, and no session waits for another.
 */
export class Lanes<Turn> {
  readonly #take: (turn: Turn) => Promise<void> | undefined
  readonly #closed: AbortSignal
  readonly #lanes = new Map<string, Lane<Turn>>()

  /** `take` returns nothing where it is done at once. After `closed` no other turn is taken. */
  constructor(take: (turn: Turn) => Promise<void> | undefined, closed: AbortSignal) {
    this.#take = take
    this.#closed = closed
  }

  /** True when no turn waits or is under way. */
  get idle(): boolean {
    return this.#lanes.size === 0
  }

  /** What is under way: it rejects where a `take` did. */
  get work(): readonly Promise<void>[] {
    return [...this.#lanes.values()].map(({ work }) => work)
  }

  /** Takes the turn when its session's earlier ones are done. */
  add(session: string, turn: Turn): void {
    const lane = this.#lanes.get(session)
    if (lane) {
      lane.turns.push(turn)
      return
    }
    const fresh: Lane<Turn> = { turns: [turn], work: Promise.resolve() }
    this.#lanes.set(session, fresh)
    fresh.work = this.#drain(session, fresh.turns)
  }

  /** Drops the waiting turns that match, and returns them. */
  drop(session: string, matches: (turn: Turn) => boolean): readonly Turn[] {
    const turns = this.#lanes.get(session)?.turns ?? []
    const dropped = turns.filter(matches)
    for (const turn of dropped) turns.splice(turns.indexOf(turn), 1)
    return dropped
  }

  /** Replaces the first waiting turn that matches, and returns it as it was. */
  replace(
    session: string,
    matches: (turn: Turn) => boolean,
    change: (turn: Turn) => Turn,
  ): Turn | undefined {
    const turns = this.#lanes.get(session)?.turns ?? []
    const index = turns.findIndex(matches)
    const turn = turns[index]
    if (turn !== undefined) turns[index] = change(turn)
    return turn
  }

  async #drain(session: string, turns: Turn[]): Promise<void> {
    while (!this.#closed.aborted) {
      const turn = turns.shift()
      if (turn === undefined) break
      const taken = this.#take(turn)
      if (taken) await taken
    }
    this.#lanes.delete(session)
  }
}
