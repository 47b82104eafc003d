import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { Program } from '../../../test/support/program.ts'
import type { User } from '../../../test/support/slack/conversations.ts'
import { SlackServer } from '../../../test/support/slack/slack-server.ts'
import { execute } from '../execute.ts'
import { temporaryFolder } from '../folder.ts'

export interface SlackInput {
  /** Who listens: `bare`, `bolt`, or a subject of the catalogue. */
  readonly listener: string
  readonly rounds: number
  readonly events: number
}

export interface SlackResult {
  readonly perSecond: readonly number[]
  /** The longest wait between an event and its reply while Slack renews the connections, in ms. */
  readonly gapMs: readonly number[]
  /** At rest, in MiB. */
  readonly mebibytes: number
}

/** So many events are on their way at once. */
const together = 256
const restMs = 1000
/** While Slack renews connections there is an event every so often. */
const everyMs = 50
/** Bolt waits for five seconds before it connects again. */
const watchedMs = 6000

/** Has somebody listen to a Slack in this process: how much they take, and when they do not. */
export async function measure({ listener, rounds, events }: SlackInput): Promise<SlackResult> {
  await using slack = await Slack.open(listener, events)
  await slack.rest()
  const mebibytes = await slack.memory()
  const perSecond: number[] = []
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    const rate = await slack.flood(events)
    if (round > 0) perSecond.push(rate)
  }
  await using watched = await Slack.open(listener, 1)
  await watched.rest()
  const gapMs: number[] = []
  for (let round = 0; round < Math.min(rounds, 2); round++) gapMs.push(await watched.renewed())
  return { perSecond, gapMs, mebibytes }
}

class Slack implements AsyncDisposable {
  readonly #server: SlackServer
  readonly #program: Program
  readonly #folder: ReturnType<typeof temporaryFolder>
  readonly #people: readonly User[]
  #events = 0

  static async open(listener: string, every: number): Promise<Slack> {
    const server = await SlackServer.start()
    const folder = temporaryFolder('slack')
    const { url, botToken, appToken } = server
    const program = new Program([listener, url, botToken, appToken, String(every)], {
      cwd: folder.path,
      entry: new URL('./listener.ts', import.meta.url).pathname,
    })
    await program.until('ready')
    return new Slack(server, program, folder)
  }

  private constructor(
    server: SlackServer,
    program: Program,
    folder: ReturnType<typeof temporaryFolder>,
  ) {
    this.#server = server
    this.#people = Array.from({ length: 64 }, (_, k) => server.conversations.person(`P${k}`))
    this.#program = program
    this.#folder = folder
  }

  /** Everybody has connected as often as they want to. */
  async rest(): Promise<void> {
    await pause(restMs)
  }

  async memory(): Promise<number> {
    const { stdout } = await execute('ps', ['-o', 'rss=', '-p', String(this.#program.child.pid)])
    return Number(stdout) / 1024
  }

  /** How many events a second are acknowledged and answered. */
  async flood(count: number): Promise<number> {
    const { socketMode } = this.#server
    const before = performance.now()
    const last = this.#events + count
    while (this.#events < last) {
      while (this.#events < last && socketMode.pending < together) this.#say()
      await new Promise(setImmediate)
    }
    await this.#program.until(`\n${this.#events}\n`)
    while (socketMode.pending > 0) await new Promise(setImmediate)
    return (count * 1000) / (performance.now() - before)
  }

  /** The longest that an event waits for its reply while Slack renews every connection in turn. */
  async renewed(): Promise<number> {
    const waits: Promise<number>[] = []
    const until = performance.now() + watchedMs
    this.#server.socketMode.refresh()
    while (performance.now() < until) {
      const at = performance.now()
      const number = this.#say()
      waits.push(this.#program.until(`\n${number}\n`).then(() => performance.now() - at))
      await pause(everyMs)
    }
    return Math.max(...(await Promise.all(waits)))
  }

  /** Somebody says something in one of 64 direct chats; returns its number. */
  #say(): number {
    const number = ++this.#events
    const user = this.#people[number % this.#people.length]?.id
    const ts = `${1_700_000_000 + Math.floor(number / 1e6)}.${String(number % 1e6).padStart(6, '0')}`
    this.#server.tells({
      ...{ type: 'message', channel: `D${number % 64}`, channel_type: 'im', user },
      ...{ text: `cmd${number % 50} ${number}`, ts, event_ts: ts },
    })
    return number
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#program.close()
    await this.#program.ended
    await this.#server[Symbol.asyncDispose]()
    this.#folder[Symbol.dispose]()
  }
}
