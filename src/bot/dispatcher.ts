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
  /** Answers one batch; resolves with what of it has to wait. It must not reject. */
  run(
    session: string,
    batch: readonly Message[],
    signal: AbortSignal,
  ): Promise<Held<Message> | undefined>
}

/** A batch whose answer has to wait, and until when, in ms since the epoch. */
export interface Held<Message> {
  readonly batch: readonly Message[]
  readonly until: number
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
  /** The timer of the window's end while it is open, or of the end of what it is held for. */
  window: Timer | undefined
  /** Its first messages make up a batch that has to wait. */
  held: boolean
  active:
    | { readonly abort: AbortController; readonly ended: Promise<readonly Message[]> }
    | undefined
}

/** What is held waits for the clock on the wall: a timer does not notice that the machine slept. */
const longestLookMs = 5_000

/**
 * Joins what people say in quick succession, and answers one batch per session at a time.
 *
 * A lane's first message opens a window. When it ends, the messages that may stand together become
 * a batch, which runs as soon as one of the `maxRuns` places is free, in order of arrival. What
 * comes in the meantime waits in the lane and becomes the next batch the moment the run ends. A batch
 * that has to wait holds its own lane up, and takes no place.
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
      lane = { session, queue: [], opened, window: undefined, held: false, active: undefined }
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
    const putOff = (await active?.ended) ?? []
    return { ran: active !== undefined, dropped: [...putOff, ...dropped] }
  }

  /** What is held is tried now: whatever it waits for may be over. */
  wake(): void {
    for (const lane of this.#lanes.values()) if (lane.held) this.#release(lane)
  }

  /** Cancels every run and starts no other; resolves when all have ended. What waits stays unanswered. */
  async close(): Promise<void> {
    this.#closed = true
    const runs: Promise<unknown>[] = []
    for (const lane of this.#lanes.values()) {
      lane.window?.cancel()
      lane.active?.abort.abort()
      if (lane.active) runs.push(lane.active.ended)
    }
    await Promise.all(runs)
  }

  #pushOut(lane: Lane<Message>): void {
    if (this.#closed || lane.held) return
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
    const ended = this.#options.run(lane.session, batch, abort.signal).then((held) => {
      const { aborted } = abort.signal
      this.#end(lane, aborted ? undefined : held)
      return (aborted && held?.batch) || []
    })
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

  #end(lane: Lane<Message>, held: Held<Message> | undefined): void {
    this.#runs--
    lane.active = undefined
    if (held) {
      lane.queue.unshift(...held.batch)
      lane.held = true
      this.#hold(lane, held.until)
    } else if (lane.queue.length > 0) this.#ready.add(lane)
    else this.#lanes.delete(lane.session)
    this.#fillPlaces()
  }

  #hold(lane: Lane<Message>, until: number): void {
    if (this.#closed) return
    const left = until - this.#clock.now()
    if (left <= 0) this.#release(lane)
    else
      lane.window = this.#clock.after(Math.min(left, longestLookMs), () => this.#hold(lane, until))
  }

  #release(lane: Lane<Message>): void {
    lane.window?.cancel()
    lane.window = undefined
    lane.held = false
    this.#ready.add(lane)
    this.#fillPlaces()
  }
}
