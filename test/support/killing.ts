import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { seeded } from './seeded.ts'
import { until } from './until.ts'

/** A network as those see it who talk to a program that is killed again and again. */
export interface Talk {
  /** Runs `chat` over the network. Its arguments are the database and these. */
  readonly program: string
  readonly args: readonly string[]
  readonly people: number
  says(person: number, text: string): void
  /** Grows when a program that was just started listens. */
  listens(): number
  /** The next answer is taken, and the program is not told so. */
  losesAnswer(): void
  /** All that the bot has said. */
  texts(): readonly string[]
}

/** What was said, and what became of it. */
export interface Toll {
  readonly said: number
  /** The answers, as often as they were given. */
  readonly answers: readonly string[]
  /** What the rooms were told of answers that may not have arrived. */
  readonly doubts: readonly string[]
  /** How many messages were counted, and how often at most. */
  readonly counted: readonly [number, number]
  /** Of how many answers the program does not know whether they have arrived. */
  readonly unknown: number
}

/** Kills the program that often at any moment while people talk, and then lets it answer in peace. */
export async function killAgainAndAgain(talk: Talk, kills: number, seed: number): Promise<Toll> {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'killed-'))
  const database = join(folder.path, 'chat.db')
  const chance = seeded(seed)
  const load = () =>
    spawn(process.execPath, [talk.program, database, ...talk.args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
  // The next program is loaded while this one lives.
  const loading = [load(), load()]
  const start = async () => {
    const before = talk.listens()
    const child = loading.shift() ?? load()
    await once(child.stdout, 'data')
    child.stdin.write('go')
    await until(() => talk.listens() > before, 'it listens', 30_000)
    return child
  }
  let said = 0
  const say = () => talk.says(Math.floor(chance() * talk.people), `count ${++said}`)
  for (let kill = 0; kill < kills; kill++) {
    for (let count = 0; count < 6; count++) say()
    loading.push(load())
    const child = await start()
    if (chance() < 0.2) talk.losesAnswer()
    const lifeMs = chance() * 60
    for (let ms = 0; ms < lifeMs; ms += 10) {
      say()
      await pause(10)
    }
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const child = await start()
  await answered(talk, said)
  for (const one of [child, ...loading]) one.kill('SIGKILL')
  const texts = talk.texts()
  using db = closing(new Database(database, { readonly: true }))
  return {
    said,
    answers: texts.filter((text) => text.startsWith('Counted')),
    doubts: texts.filter((text) => text.includes('may or may not have arrived')),
    counted: db.prepare('SELECT count(*), max(times) FROM counted').raw().get() as [number, number],
    unknown: Number(
      db.prepare("SELECT count(*) FROM outbox WHERE state = 'unknown'").pluck().get(),
    ),
  }
}

/** Waits as long as answers come. */
async function answered(talk: Talk, said: number): Promise<void> {
  const unanswered = () => {
    const told = new Set(talk.texts().flatMap((text) => text.match(/(?<=Counted )\d+/g) ?? []))
    return Array.from({ length: said }, (_, index) => String(index + 1)).filter((n) => !told.has(n))
  }
  // Each look reads all that was ever said, in the process that is the server, too.
  for (let left = unanswered(); left.length > 0; left = unanswered()) {
    const before = talk.texts().length
    const what = `${left.length} of ${said} more are answered: ${left.slice(0, 20)}`
    await until(() => talk.texts().length > before, what, 30_000)
    await pause(250)
  }
}

function closing(db: Database.Database) {
  return Object.assign(db, { [Symbol.dispose]: () => void db.close() })
}
