import type { Clock, Timer } from '../kernel/clock.ts'

/** How messages become batches, and how many batches are answered at once. */
export interface DispatcherOptions<Message> {
  /** Each message moves the end of its session's window to this long after itself, in ms... */
  readonly windowMs: number
  /** ...but never further than this from the window's first message. */
  readonly maxMs: number
  /** How many runs there may be at once, over all sessions. */
  readonly maxRuns: number
  /** Whether two messages that follow one another may share a batch. */
  together(one: Message, next: Message): boolean
  /** Answers one batch. It must not reject. */
  run(session: string, batch: readonly Message[], signal: AbortSignal): Promise<void>
}

/** What a stop found: whether a run was under way, and the messages that will not be answered. */
export interface Stopped<Message> {
  readonly ran: boolean
  readonly dropped: readonly Message[]
}

/** One session's traffic. It exists only while there is some. */
interface Lane<Message> {
  readonly session: string
  readonly queue: Message[]
  /** When its window was opened, by its first message. */
  readonly opened: number
  /** The timer of the window's end, while it is open. */
  window: Timer | undefined
  active: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined
}

/**
 * Joins what people say in quick succession, and answers one batch per session at a time.
 *
 * A lane's first message opens a window. When it ends, the messages that may stand together become
 * a batch, which runs as soon as one of the `maxRuns` places is free, in order of arrival. What
 * comes in the meantime waits in the lane and becomes the next batch the moment the run ends.
 * Every step is synchronous, so that no message can fall between "the queue is empty" and "the lane
 * is idle", and nothing here can time out.
 */
export class Dispatcher<Message> {
  readonly #options: DispatcherOptions<Message>
  readonly #clock: Clock
  readonly #lanes = new Map<string, Lane<Message>>()
  /** Lanes with a batch that waits for a place, in order of arrival. */
  readonly #ready = new Set<Lane<Message>>()
  #runs = 0
  #closed = false

  constructor(options: DispatcherOptions<Message>, clock: Clock) {
    this.#options = options
    this.#clock = clock
  }

  /** True when there is neither a run nor a message that waits for one. */
  get idle(): boolean {
    return this.#lanes.size === 0
  }

  /** Takes a message in; returns how many now wait in its session, itself included. */
  submit(session: string, message: Message): number {
    let lane = this.#lanes.get(session)
    if (!lane) {
      const opened = this.#clock.now()
      lane = { session, queue: [], opened, window: undefined, active: undefined }
      this.#lanes.set(session, lane)
    }
    lane.queue.push(message)
    if (!lane.active && !this.#ready.has(lane)) this.#pushOut(lane)
    return lane.queue.length
  }

  /** Replaces the first waiting message that `matches`, or drops it where `change` returns nothing. */
  change(
    session: string,
    matches: (message: Message) => boolean,
    change: (message: Message) => Message | undefined,
  ): Message | undefined {
    const lane = this.#lanes.get(session)
    const index = lane?.queue.findIndex(matches) ?? -1
    const found = lane?.queue[index]
    if (!lane || found === undefined) return undefined
    const changed = change(found)
    if (changed !== undefined) lane.queue[index] = changed
    else {
      lane.queue.splice(index, 1)
      if (lane.queue.length === 0) this.#leave(lane)
    }
    return found
  }

  /** Empties the session's window and queue, cancels its run, and waits until that has ended. */
  async stop(session: string): Promise<Stopped<Message>> {
    const lane = this.#lanes.get(session)
    if (!lane) return { ran: false, dropped: [] }
    const dropped = lane.queue.splice(0)
    const active = lane.active
    this.#leave(lane)
    active?.abort.abort()
    await active?.ended
    return { ran: active !== undefined, dropped }
  }

  /** Cancels every run and starts no other; resolves when all have ended. What waits stays unanswered. */
  async close(): Promise<void> {
    this.#closed = true
    const runs: Promise<void>[] = []
    for (const lane of this.#lanes.values()) {
      lane.window?.cancel()
      lane.active?.abort.abort()
      if (lane.active) runs.push(lane.active.ended)
    }
    await Promise.all(runs)
  }

  #pushOut(lane: Lane<Message>): void {
    if (this.#closed) return
    lane.window?.cancel()
    const { windowMs, maxMs } = this.#options
    const left = Math.max(0, Math.min(windowMs, lane.opened + maxMs - this.#clock.now()))
    lane.window = this.#clock.after(left, () => {
      lane.window = undefined
      this.#ready.add(lane)
      this.#fillPlaces()
    })
  }

  /** Takes an emptied lane out of every wait; the lane itself goes when its run ends. */
  #leave(lane: Lane<Message>): void {
    lane.window?.cancel()
    lane.window = undefined
    this.#ready.delete(lane)
    if (!lane.active) this.#lanes.delete(lane.session)
  }

  #fillPlaces(): void {
    for (const lane of this.#ready) {
      if (this.#closed || this.#runs >= this.#options.maxRuns) return
      this.#ready.delete(lane)
      this.#start(lane)
    }
  }

  #start(lane: Lane<Message>): void {
    const batch = this.#takeBatch(lane.queue)
    const abort = new AbortController()
    this.#runs++
    const ended = this.#options
      .run(lane.session, batch, abort.signal)
      .finally(() => this.#end(lane))
    lane.active = { abort, ended }
  }

  #takeBatch(queue: Message[]): Message[] {
    let length = 1
    while (length < queue.length) {
      if (!this.#options.together(queue[length - 1] as Message, queue[length] as Message)) break
      length++
    }
    return queue.splice(0, length)
  }

  #end(lane: Lane<Message>): void {
    this.#runs--
    lane.active = undefined
    if (lane.queue.length > 0) this.#ready.add(lane)
    else this.#lanes.delete(lane.session)
    this.#fillPlaces()
  }
}
