import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { seeded } from '../../support/seeded.ts'
import { TelegramServer } from '../../support/telegram/telegram-server.ts'
import { until } from '../../support/until.ts'

const program = join(import.meta.dirname, '../../support/telegram/chat-program.ts')
const kills = Number(process.env.HUSKIES_KILLS ?? 200)
const people = 8
const seed = Number(process.env.HUSKIES_SEED ?? 2026)

/**
 * Telegram redelivers whatever was not confirmed, and cannot tell that it was sent a message before.
 * So nothing may be lost on the way in, no command may run twice, and on the way out each answer is
 * seen once, or its room is told that nobody knows.
 */
test(`L59: ${kills} kills at any moment lose nothing, repeat nothing, and leave no doubt untold`, async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'telegram-kill-'))
  await using server = await TelegramServer.start()
  const chance = seeded(seed)
  const talkers = Array.from({ length: people }, (_, number) => server.chats.person(`P${number}`))
  const database = join(folder.path, 'chat.db')
  const load = () =>
    spawn(
      process.execPath,
      [program, database, server.url, server.token, ...talkers.map(({ id }) => `telegram:${id}`)],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
  // The next program is loaded while this one lives.
  const loading = [load(), load()]
  const start = async () => {
    const child = loading.shift() ?? load()
    await once(child.stdout, 'data')
    child.stdin.write('go')
    return child
  }
  let said = 0
  const talk = () => {
    const talker = talkers[Math.floor(chance() * people)]
    if (talker) server.says(talker, `count ${++said}`)
  }
  for (let kill = 0; kill < kills; kill++) {
    for (let count = 0; count < 6; count++) talk()
    const calls = server.calls.get('getUpdates') ?? 0
    loading.push(load())
    const child = await start()
    await until(() => (server.calls.get('getUpdates') ?? 0) > calls, 'it polls', 30_000)
    if (chance() < 0.2) server.faults.push({ kind: 'cut-after', times: 1 })
    const lifeMs = chance() * 60
    for (let ms = 0; ms < lifeMs; ms += 10) {
      talk()
      await pause(10)
    }
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const child = await start()
  const seen = () =>
    talkers.flatMap(({ id }) => server.chats.in(id).filter(({ from }) => from.is_bot))
  const unanswered = () => {
    const texts = seen().map(({ text }) => text)
    const told = new Set(texts.flatMap((text) => text.match(/(?<=Counted )\d+/g) ?? []))
    return Array.from({ length: said }, (_, index) => String(index + 1)).filter((n) => !told.has(n))
  }
  // Each look reads all that was ever said, in the process that is the server, too.
  while (unanswered().length > 0) {
    const left = unanswered().length
    const before = server.calls.get('sendMessage')
    await until(
      () => server.calls.get('sendMessage') !== before || unanswered().length === 0,
      `${left} of ${said} more are answered: ${unanswered().slice(0, 20)}`,
      30_000,
    )
    await pause(250)
  }
  for (const one of [child, ...loading]) one.kill('SIGKILL')

  const texts = seen().map(({ text }) => text)
  const answers = texts.filter((text) => text.startsWith('Counted'))
  const doubts = texts.filter((text) => text.includes('may or may not have arrived'))
  expect(new Set(answers).size).toBe(answers.length)
  const db = new Database(database, { readonly: true })
  const counted = db.prepare('SELECT count(*), max(times) FROM counted').raw().get()
  const unknown = db.prepare("SELECT count(*) FROM outbox WHERE state = 'unknown'").pluck().get()
  db.close()
  expect(counted).toEqual([said, 1])
  expect(new Set(doubts).size).toBe(Number(unknown))
  process.stdout.write(
    `seed ${seed}: ${kills} kills, ${said} messages, 0 lost, 0 twice, ${unknown} in doubt and told\n`,
  )
}, 900_000)
