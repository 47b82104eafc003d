import { expect, test } from 'vitest'
import { connect } from '../../support/connect.ts'
import { eventually, openBot } from '../../support/slack/bot.ts'

test('what comes out of its order through both connections is heard in its order', async () => {
  const { server, anna, direct, heard } = await openBot()
  const said = Array.from({ length: 10 }, (_, number) => `message ${number}`)
  server.socketMode.hold()
  for (const text of said) server.says(anna, direct, text)
  server.socketMode.reorder()
  await eventually(() => expect(heard).toHaveLength(10))
  expect(heard.map(({ text }) => text)).toEqual(said)
})

test('who is asked for, and told of late, is heard before those who speak later', async () => {
  const { server, anna, team, heard, conversations } = await openBot()
  const ben = conversations.person('Ben')
  team.members.add(ben.id)
  server.faults.push({ kind: 'delay', times: 1, method: 'users.info' })
  server.says(anna, team, 'first')
  server.says(ben, team, 'second')
  await eventually(() => expect(heard).toHaveLength(2))
  expect(heard.map(({ text, sender }) => [sender.name, text])).toEqual([
    ['Anna', 'first'],
    ['Ben', 'second'],
  ])
})

test('L59: while the disk is full nothing is said, and what could not be said then is tried again', async () => {
  const { conversations, team, say, store } = await openBot()
  // What is written next needs a page more than there are.
  const longId = 'm'.repeat(5000)
  const most = store.db.pragma('max_page_count', { simple: true })
  store.db.pragma(`max_page_count = ${store.db.pragma('page_count', { simple: true })}`)
  await expect(say('Hello.', team.id, longId)).rejects.toMatchObject({ kind: 'transient' })
  expect(conversations.in(team)).toEqual([])
  store.db.pragma(`max_page_count = ${most}`)
  await say('Hello.', team.id, longId)
  expect(conversations.in(team)).toHaveLength(1)
})

test('what Slack has given up telling of is read from the history at the next connection', async () => {
  const { server, anna, direct, heard, ended, make } = await openBot()
  server.says(anna, direct, 'before')
  await eventually(() => expect(heard).toHaveLength(1))
  server.socketMode.hold()
  server.says(anna, direct, 'dropped')
  server.socketMode.forget()
  server.socketMode.cut()
  expect(await ended).toMatchObject({ kind: 'lost' })
  const again: string[] = []
  const connection = connect(make(), async ({ text }) => void again.push(text))
  await eventually(() => expect(again).toEqual(['before', 'dropped']))
  await connection.stop()
})
