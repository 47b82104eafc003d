import { join } from 'node:path'
import { expect, test } from 'vitest'
import { killAgainAndAgain } from '../../support/killing.ts'
import { onScreen } from '../../support/slack/conversations.ts'
import { SlackServer } from '../../support/slack/slack-server.ts'

/** How often the program is killed; 200 take some minutes. */
const kills = Number(process.env.HUSKIES_KILLS ?? 10)
const people = 8
const seed = Number(process.env.HUSKIES_SEED ?? 2026)

/**
 * Slack redelivers whatever was not acknowledged, and does not know a message that it was sent before;
 * but it can be looked for in the history. So there is never a doubt, and each answer is seen once.
 */
test(`L59: ${kills} kills at any moment lose nothing, repeat nothing, and leave no doubt`, async () => {
  await using server = await SlackServer.start()
  const { url, botToken, appToken, conversations, socketMode } = server
  const talkers = Array.from({ length: people }, (_, number) => conversations.person(`P${number}`))
  const chats = talkers.map((talker) => ({ talker, chat: conversations.direct(talker) }))
  const { said, answers, doubts, counted, unknown } = await killAgainAndAgain(
    {
      program: join(import.meta.dirname, '../../support/slack/chat-program.ts'),
      args: [url, botToken, appToken, ...talkers.map(({ id }) => `slack:${id}`)],
      people,
      says(person, text) {
        const one = chats[person]
        if (one) server.says(one.talker, one.chat, text)
      },
      listens: () => socketMode.welcomed,
      losesAnswer: () =>
        void server.faults.push({ kind: 'cut-after', times: 1, method: 'chat.postMessage' }),
      texts: () =>
        chats
          .flatMap(({ chat }) => conversations.in(chat).filter(({ user }) => user.bot))
          .map(onScreen),
    },
    kills,
    seed,
  )
  expect(new Set(answers).size).toBe(answers.length)
  expect(counted).toEqual([said, 1])
  expect([unknown, doubts.length]).toEqual([0, 0])
  process.stdout.write(
    `seed ${seed}: ${kills} kills, ${said} messages, 0 lost, 0 twice, 0 in doubt\n`,
  )
}, 1_800_000)
