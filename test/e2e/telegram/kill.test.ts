import { join } from 'node:path'
import { expect, test } from 'vitest'
import { killAgainAndAgain } from '../../support/killing.ts'
import { TelegramServer } from '../../support/telegram/telegram-server.ts'

const kills = Number(process.env.HUSKIES_KILLS ?? 200)
const people = 8
const seed = Number(process.env.HUSKIES_SEED ?? 2026)

/**
 * Telegram redelivers whatever was not confirmed, and cannot tell that it was sent a message before.
 * So nothing may be lost on the way in, no command may run twice, and on the way out each answer is
 * seen once, or its room is told that nobody knows.
 */
test(`L59: ${kills} kills at any moment lose nothing, repeat nothing, and leave no doubt untold`, async () => {
  await using server = await TelegramServer.start()
  const talkers = Array.from({ length: people }, (_, number) => server.chats.person(`P${number}`))
  const { said, answers, doubts, counted, unknown } = await killAgainAndAgain(
    {
      program: join(import.meta.dirname, '../../support/telegram/chat-program.ts'),
      args: [server.url, server.token, ...talkers.map(({ id }) => `telegram:${id}`)],
      people,
      says(person, text) {
        const talker = talkers[person]
        if (talker) server.says(talker, text)
      },
      listens: () => server.calls.get('getUpdates') ?? 0,
      losesAnswer: () => void server.faults.push({ kind: 'cut-after', times: 1 }),
      texts: () =>
        talkers
          .flatMap(({ id }) => server.chats.in(id).filter(({ from }) => from.is_bot))
          .map(({ text }) => text),
    },
    kills,
    seed,
  )
  expect(new Set(answers).size).toBe(answers.length)
  expect(counted).toEqual([said, 1])
  expect(new Set(doubts).size).toBe(unknown)
  process.stdout.write(
    `seed ${seed}: ${kills} kills, ${said} messages, 0 lost, 0 twice, ${unknown} in doubt and told\n`,
  )
}, 900_000)
