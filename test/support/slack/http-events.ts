import { createHmac } from 'node:crypto'
import type { Clock } from '../../../src/kernel/clock.ts'

/** Something that the program has not taken yet. */
interface Call {
  readonly type: string
  readonly payload: object
  attempts: number
  readonly answered: (response: unknown) => void
}

/** So long after a call that nobody took it is made again. Slack itself waits for minutes. */
const againMs = 20

/**
 * Slack's side of the Events API: it signs everything that it posts, and posts an event again until
 * the program takes it. What people do beside talking is posted once.
 */
export class HttpEvents implements Disposable {
  /** The address that Slack was told. */
  url = ''
  readonly signingSecret = 'what-slack-signs-with'
  readonly #clock: Clock
  readonly #waiting = new Set<Call>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #last: Call | undefined
  #isQuiet = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Events that were not taken. */
  get pending(): number {
    return this.#waiting.size
  }

  /** Posts what has happened; resolves with what the program answers. */
  send(type: string, payload: object): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    this.#last = { type, payload, attempts: 0, answered: resolve }
    this.#waiting.add(this.#last)
    void this.#post(this.#last)
    return promise
  }

  /** What was posted last is posted again, although it was taken. */
  redeliver(): void {
    if (this.#last) void this.#post({ ...this.#last, attempts: 1 })
  }

  /** Nothing is posted until it is told otherwise; what happens waits. */
  pause(isQuiet: boolean): void {
    this.#isQuiet = isQuiet
  }

  [Symbol.dispose](): void {
    this.#isQuiet = true
    for (const timer of this.#timers) clearTimeout(timer)
  }

  /** What goes over the wire for it, signed at this moment. */
  requestOf(type: string, payload: object, retries = 0): RequestInit & { body: string } {
    const body =
      type === 'events_api'
        ? JSON.stringify({ type: 'event_callback', ...payload })
        : new URLSearchParams(
            type === 'interactive' ? { payload: JSON.stringify(payload) } : { ...payload },
          ).toString()
    const at = String(Math.floor(this.#clock.now() / 1000))
    const kind = type === 'events_api' ? 'json' : 'x-www-form-urlencoded'
    const signature = createHmac('sha256', this.signingSecret)
      .update(`v0:${at}:${body}`)
      .digest('hex')
    return {
      ...{ method: 'POST', body },
      headers: {
        'content-type': `application/${kind}`,
        'x-slack-request-timestamp': at,
        'x-slack-signature': `v0=${signature}`,
        ...(retries > 0 && { 'x-slack-retry-num': String(retries) }),
      },
    }
  }

  async #post(call: Call): Promise<void> {
    const { type, payload, answered } = call
    if (!this.#isQuiet) {
      const request = this.requestOf(type, payload, call.attempts++)
      const response = await fetch(this.url, request).catch(() => undefined)
      const text = (await response?.text().catch(() => '')) ?? ''
      if (response?.ok || type !== 'events_api') {
        this.#waiting.delete(call)
        answered(text === '' ? {} : JSON.parse(text))
        return
      }
    }
    if (!this.#waiting.has(call)) return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      void this.#post(call)
    }, againMs)
    this.#timers.add(timer)
  }
}
