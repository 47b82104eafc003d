import type { Clock } from '../../../src/kernel/clock.ts'
import { badRequest } from './refusal.ts'

/** How long it is until a call that was not taken is made again. */
const againMs = 25

/** A program that is called for each update, one after the other, until it takes it. */
export class Webhook {
  url = ''
  /** What was said, the oldest first: the first one goes when it was taken. */
  readonly #updates: () => object[]
  readonly #clock: Clock
  #secret = ''
  #error: { readonly at: number; readonly message: string } | undefined
  #calling = false
  #paused = false
  #timer: NodeJS.Timeout | undefined

  constructor(updates: () => object[], clock: Clock) {
    this.#updates = updates
    this.#clock = clock
  }

  /** Throws `Refusal`. */
  set({
    url,
    secret_token: secret = '',
    max_connections: most,
  }: Readonly<Record<string, unknown>>) {
    const address = URL.parse(String(url))
    // A server that people run for themselves calls their own machine without encryption, too.
    if (address?.protocol !== 'https:' && address?.hostname !== '127.0.0.1')
      throw badRequest('bad webhook: An HTTPS URL must be provided for webhook')
    if (!/^[\w-]{1,256}$/.test(String(secret)))
      throw badRequest('secret token contains unallowed characters')
    if (most !== 1) throw badRequest('the order of calls would be lost')
    this.url = address.href
    this.#secret = String(secret)
    this.#error = undefined
    this.wake()
  }

  end(): void {
    this.url = ''
    clearTimeout(this.#timer)
  }

  /** The network is gone, or there again. */
  pause(paused: boolean): void {
    this.#paused = paused
    clearTimeout(this.#timer)
    this.wake()
  }

  info(): object {
    const count = { url: this.url, pending_update_count: this.#updates().length }
    if (!this.#error) return count
    const { at, message } = this.#error
    return { ...count, last_error_date: Math.floor(at / 1000), last_error_message: message }
  }

  /** Calls the program with what was not taken yet. */
  wake(): void {
    if (this.#calling || this.#isQuiet) return
    clearTimeout(this.#timer)
    this.#calling = true
    void this.#callAll().finally(() => {
      this.#calling = false
      if (!this.#isQuiet && this.#updates().length > 0)
        this.#timer = setTimeout(() => this.wake(), againMs)
    })
  }

  get #isQuiet(): boolean {
    return this.#paused || this.url === ''
  }

  async #callAll(): Promise<void> {
    for (let [update] = this.#updates(); update && !this.#isQuiet; [update] = this.#updates()) {
      const trouble = await this.#call(update)
      if (trouble) {
        this.#error = {
          at: this.#clock.now(),
          message: `Wrong response from the webhook: ${trouble}`,
        }
        return
      }
      this.#updates().splice(this.#updates().indexOf(update), 1)
    }
  }

  /** What went wrong; undefined where the program has taken it. */
  async #call(update: object): Promise<string | undefined> {
    try {
      const { ok, status, statusText } = await fetch(this.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-telegram-bot-api-secret-token': this.#secret,
        },
        body: JSON.stringify(update),
      })
      return ok ? undefined : `${status} ${statusText}`
    } catch {
      return 'Connection refused'
    }
  }
}
