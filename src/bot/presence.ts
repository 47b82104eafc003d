import type { Clock } from '../kernel/clock.ts'
import type { Store } from '../store/store.ts'
import type { Place } from './message.ts'
import type { Outbox } from './outbox.ts'

/** What presence is kept with. */
export interface PresenceParts {
  readonly store: Store
  readonly clock: Clock
  readonly outbox: Pick<Outbox, 'enqueue'>
}

/** Being a minute late about a day does not matter, and writing for every sign of life would. */
const precisionMs = 60_000
/** Who has said nothing for longer does not wait for an answer. */
const recentMs = 7 * 86_400_000

/** Knows when each network was last heard of, and tells its rooms what may have been missed. */
export class Presence {
  readonly #parts: PresenceParts
  readonly #heardAt = new Map<string, number>()

  constructor(parts: PresenceParts) {
    this.#parts = parts
  }

  /**
   * The network has given a sign of life. Where the last one is longer ago than it keeps what people
   * say meanwhile, those who have lately talked with the bot are told so.
   */
  heard(network: string, keepsMs: number): void {
    const { store, clock } = this.#parts
    const now = clock.now()
    const before = this.#heardAt.get(network) ?? this.#stored(network)
    if (before !== undefined && now - before < precisionMs) return
    store.transaction(() => {
      if (before !== undefined && now - before > keepsMs) this.#tell(network, before, now, keepsMs)
      store.db
        .prepare(
          `INSERT INTO networks (name, heard_at) VALUES (?, ?)
           ON CONFLICT (name) DO UPDATE SET heard_at = excluded.heard_at`,
        )
        .run(network, now)
    })
    this.#heardAt.set(network, now)
  }

  #stored(network: string): number | undefined {
    return this.#parts.store.db
      .prepare<[string], number>('SELECT heard_at FROM networks WHERE name = ?')
      .pluck()
      .get(network)
  }

  #tell(network: string, from: number, until: number, keepsMs: number): void {
    const { store, outbox } = this.#parts
    const rooms = store.db
      .prepare<[string, number], { room: string; thread: string | null }>(
        'SELECT DISTINCT room, thread FROM inbox WHERE transport = ? AND sent_at > ? ORDER BY 1, 2',
      )
      .all(network, from - recentMs)
    for (const { room, thread } of rooms) {
      const place: Place = { transport: network, room, ...(thread === null ? {} : { thread }) }
      outbox.enqueue({
        ...place,
        text: `I was away for ${hours(until - from)}, and what is said meanwhile is kept for me for ${hours(keepsMs)} only. What I have not answered, please say again.`,
        key: `missed:${from}:${network}/${room}/${thread ?? ''}`,
      })
    }
  }
}

function hours(ms: number): string {
  return `${Math.floor(ms / 3_600_000)} hours`
}
