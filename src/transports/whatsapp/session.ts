import { once } from 'node:events'
import { basename, dirname } from 'node:path'
import type { AuthStrategy, Client } from 'whatsapp-web.js'
import { type Clock, pause } from '../../kernel/clock.ts'
import type { Lock } from '../../store/lock.ts'
import { ConnectionFailure } from '../transport.ts'
import { launchOptions } from './chromium.ts'
import { asFailure, disconnection, notPaired } from './failures.ts'
import { endLeftovers } from './leftovers.ts'
import { isSynced, ownLid, tellSynced } from './page.ts'
import type { Pairing } from './pairing.ts'
import { userOf } from './people.ts'
import type { Account, Profile } from './profile.ts'
import type { WhatsAppSettings } from './settings.ts'

/** What a session is opened with. */
export interface SessionParts {
  readonly settings: WhatsAppSettings
  readonly profile: Profile
  readonly env: NodeJS.ProcessEnv
  readonly clock: Clock
  /** Leads a person through the pairing; without it a page that wants to be paired is of no use. */
  readonly pairing?: Pairing
  /** Called before anything can happen. */
  readonly follow?: (client: Client) => void
}

/** What the library begins in listeners of its own, where a failure would end the whole program. */
interface Unheld {
  inject(): Promise<void>
  initWebVersionCache(): Promise<void>
}

const startMs = 90_000
const pairingMs = 600_000
const closingMs = 4000
/** What the page has told the library knows within that. */
const tellingMs = 5000
/** The library's own time for the first look at the page. */
const firstLookMs = 60_000

/**
 * WhatsApp Web in a browser of its own, from the start of the browser to its end. Whatever ends it
 * early is told by `lost`, and never heals by itself: it is closed, and another one is opened.
 */
export class Session {
  readonly client: Client
  /** Rejects with `ConnectionFailure` when it is over, and is never fulfilled. */
  readonly lost: Promise<never>
  readonly #parts: SessionParts
  readonly #lock: Lock
  readonly #lose: (failure: ConnectionFailure) => void
  #starting: Promise<unknown> = Promise.resolve()
  readonly #launched = Promise.withResolvers<void>()
  readonly #synced = Promise.withResolvers<void>()
  readonly #ready = Promise.withResolvers<void>()
  #account: Account | undefined
  #isLoggedOut = false
  /** What is waited for while it begins. */
  #stage = 'its browser has not started'

  private constructor(parts: SessionParts, client: Client, lock: Lock) {
    const lost = Promise.withResolvers<never>()
    lost.promise.catch(() => {})
    this.#parts = parts
    this.#lock = lock
    this.client = client
    this.lost = lost.promise
    this.#lose = lost.reject
  }

  /** Opens the page, and waits until it is logged in. Throws `ConnectionFailure`. */
  static async open(parts: SessionParts, signal: AbortSignal): Promise<Session> {
    const { profile, settings, env } = parts
    const launch = launchOptions(settings, profile.folder, env)
    const { Client } = (await import('whatsapp-web.js')).default
    const lock = await profile.open()
    const client = new Client({
      puppeteer: launch,
      authTimeoutMs: firstLookMs,
      ...pageOf(settings),
      authStrategy: {
        ...strategy,
        afterBrowserInitialized: async () => session.#watch(),
        onAuthenticationNeeded: async () => ({ failed: parts.pairing === undefined }),
      },
    })
    const session: Session = new Session(parts, client, lock)
    session.#hold(client as Client & Unheld)
    try {
      await session.#start(signal)
    } catch (error) {
      await session.close()
      throw asFailure(error)
    }
    return session
  }

  /** Who is logged in. */
  get account(): Account {
    if (!this.#account) throw new Error('The session has not begun.')
    return this.#account
  }

  /** Ends the browser with all its processes; a login that is over is put aside. */
  async close(): Promise<void> {
    const { clock, profile } = this.#parts
    // A browser that is being started can be ended only once it is there.
    await this.#within(closingMs, this.#launched.promise, this.#starting)
    const browser = this.client.pupBrowser
    const child = browser?.process()
    if (browser && child?.pid !== undefined) {
      await this.#within(closingMs, browser.close())
      endGroup(child.pid)
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
    this.#parts.pairing?.end()
    try {
      // Its other processes end a moment after it.
      await endLeftovers(profile.folder, clock)
      if (this.#isLoggedOut) profile.archive()
    } finally {
      this.#lock.release()
    }
  }

  /** Resolves when one of them has ended, however it did, or after so many ms. */
  async #within(ms: number, ...endings: readonly Promise<unknown>[]): Promise<void> {
    const over = new AbortController()
    const settled = endings.map((ending) => ending.catch(() => {}))
    await Promise.race([...settled, pause(this.#parts.clock, ms, over.signal)])
    over.abort()
  }

  /** The browser's end is ours, and nothing of the library's fails where nobody looks. */
  #hold(client: Client & Unheld): void {
    const inject = client.inject.bind(client)
    client.inject = async () => {
      this.#stage = 'its page does not connect to WhatsApp'
      await inject().catch((error: unknown) => this.#lose(asFailure(error)))
      this.#stage = 'it still loads its chats'
    }
    client.destroy = async () => {}
    // It reads the page in order to keep it, which is not wanted.
    if (this.#parts.settings.page === undefined) client.initWebVersionCache = async () => {}
  }

  async #start(signal: AbortSignal): Promise<void> {
    const { clock, pairing, follow, profile } = this.#parts
    const { client } = this
    client.on('authenticated', () => this.#synced.resolve())
    client.on('ready', () => this.#ready.resolve())
    client.on('auth_failure', () => {
      profile.forget()
      this.#lose(notPaired())
    })
    client.on('disconnected', (reason: string) => this.#disconnected(reason))
    pairing?.follow(client, (reason) =>
      this.#lose(new ConnectionFailure('refused', `WhatsApp gives no code (${reason}).`)),
    )
    follow?.(client)
    this.#starting = client.initialize()
    const waitMs = pairing ? pairingMs : startMs
    const over = new AbortController()
    const inTime = pause(clock, waitMs, AbortSignal.any([signal, over.signal]))
    try {
      // It comes to its end without being ready where it waits for a person.
      const heeded = this.#starting.then(() => this.#heed())
      const begun = Promise.all([heeded, this.#ready.promise]).then(() => true)
      const isReady = await Promise.race([begun, this.lost, inTime])
      if (!isReady)
        throw new ConnectionFailure(
          pairing ? 'refused' : 'lost',
          pairing
            ? 'Nobody has paired WhatsApp in ten minutes: begin again when the phone is at hand.'
            : `WhatsApp Web was not ready after ${waitMs / 1000} seconds: ${this.#stage}.`,
        )
      await this.#begin()
    } finally {
      over.abort()
      this.#starting.catch(() => {})
    }
  }

  /** The page tells once only that it is in step, and may have done so before the library listened. */
  async #heed(): Promise<void> {
    const { pupPage: page } = this.client
    if (!page || !(await isSynced(page))) return
    const isHeard = this.#synced.promise.then(() => true)
    const late = new AbortController()
    const inTime = await Promise.race([isHeard, pause(this.#parts.clock, tellingMs, late.signal)])
    late.abort()
    if (!inTime) await tellSynced(page)
  }

  async #begin(): Promise<void> {
    const { pupPage: page, info } = this.client
    if (!page) throw new Error('The library has no page.')
    // What the library does of its own when the page is loaded anew can neither be awaited nor fail.
    page.removeAllListeners('framenavigated')
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) this.#navigated(frame.url())
    })
    const lid = await ownLid(page)
    this.#account = {
      id: userOf(info.wid._serialized),
      ...(lid !== undefined && { lid: userOf(lid) }),
      name: info.pushname,
    }
  }

  /** Called as soon as there is a browser. */
  #watch(): void {
    const { pupBrowser: browser, pupPage: page } = this.client
    browser?.on('disconnected', () =>
      this.#lose(new ConnectionFailure('lost', 'The browser of WhatsApp Web has ended.')),
    )
    page?.on('error', () =>
      this.#lose(new ConnectionFailure('lost', 'The page of WhatsApp Web has crashed.')),
    )
    // A pipe to a browser that was killed breaks, when nobody listens to it any more.
    for (const pipe of browser?.process()?.stdio ?? []) pipe?.on('error', () => {})
    this.#stage = 'its page does not load'
    this.#launched.resolve()
  }

  #navigated(url: string): void {
    const { lastLoggedOut } = this.client as { readonly lastLoggedOut?: boolean }
    if (lastLoggedOut || url.includes('post_logout=1')) this.#disconnected('LOGOUT')
    else this.#lose(new ConnectionFailure('lost', 'WhatsApp Web was loaded anew.'))
  }

  #disconnected(reason: string): void {
    this.#isLoggedOut ||= reason === 'LOGOUT'
    this.#lose(disconnection(reason))
  }
}

/** The library's, with nothing that it would do to the profile: that is ours. */
const strategy: Omit<AuthStrategy, 'afterBrowserInitialized' | 'onAuthenticationNeeded'> = {
  setup: () => {},
  beforeBrowserInitialized: async () => {},
  getAuthEventPayload: async () => {},
  afterAuthReady: async () => {},
  disconnect: async () => {},
  destroy: async () => {},
  logout: async () => {},
}

/** A page that was kept, or the present one; never one from somewhere else. */
function pageOf({ page }: WhatsAppSettings) {
  if (page === undefined) return { webVersionCache: { type: 'none' as const } }
  return {
    webVersion: basename(page, '.html'),
    webVersionCache: { type: 'local' as const, path: dirname(page), strict: true },
  }
}

/** The browser is the first of its process group; what is left of the group goes with it. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
