import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { noChromium } from '../../support/whatsapp/chromium.ts'
import { pairedProfile } from '../../support/whatsapp/paired-profile.ts'
import { never, openBot } from './bot-under-test.ts'

const eventually = (look: () => void) => vi.waitFor(look, { timeout: 30_000, interval: 10 })

describe.skipIf(noChromium)(`in a real Chromium${noChromium ? ` (${noChromium})` : ''}`, () => {
  let folder: Awaited<ReturnType<typeof pairedProfile>>
  beforeAll(async () => {
    folder = await pairedProfile()
  })
  afterAll(() => folder[Symbol.dispose]())

  test('a file that somebody sends is fetched, and one that is gone or takes too long is told', async () => {
    await using bot = await openBot(folder.path)
    const { server, anna, received } = bot
    const { transport } = await bot.connected()
    server.says(anna, anna.phone, 'read this', { file: { name: 'plan.md', content: '# A plan' } })
    await eventually(() => expect(received).toHaveLength(1))
    expect(received[0]).toMatchObject({ text: 'read this', files: [{ name: 'plan.md' }] })
    const [file = { name: '', ref: '' }] = received[0]?.files ?? []
    const content = await transport.fetch(file, never)
    expect(Buffer.from(content).toString()).toBe('# A plan')
    const gone = { name: 'gone', ref: 'false_1@c.us_ABC' }
    await expect(transport.fetch(gone, never)).rejects.toMatchObject({ code: 'no-file' })
    server.stalls()
    const patience = AbortSignal.timeout(100)
    await expect(transport.fetch(file, patience)).rejects.toMatchObject({ code: 'no-file' })
  })

  test('an absence is made up for as far back as it goes, whatever the page shows at first', async () => {
    await using bot = await openBot(folder.path)
    const { server, anna, received } = bot
    const { stop } = await bot.connected()
    await stop()
    const said = Array.from({ length: 23 }, (_, index) => `message ${index}`)
    for (const text of said) server.says(anna, anna.phone, text)
    const team = server.group()
    server.says(anna, team, 'in the group', { as: 'lid' })
    await bot.connected()
    await eventually(() => expect(received).toHaveLength(24))
    const direct = received.filter(({ room }) => room === anna.phone)
    expect(direct.map(({ text }) => text)).toEqual(said)
    expect(new Set(received.map(({ sender }) => sender.id)).size).toBe(1)
  })

  test('what was changed or deleted in an absence is told, under the id that it had', async () => {
    await using bot = await openBot(folder.path)
    const { server, anna, received, changed } = bot
    const { stop } = await bot.connected()
    const [kept, edited, deleted] = ['start 1', 'start 2', 'start 3'].map((text) =>
      server.says(anna, anna.phone, text),
    )
    if (!kept || !edited || !deleted) throw new Error('Nothing was said.')
    await eventually(() => expect(received).toHaveLength(3))
    await stop()
    server.edits(edited, 'stop 2')
    server.deletes(deleted)
    server.deletes(server.says(anna, anna.phone, 'start 4'))
    await bot.connected()
    await eventually(() => expect(changed).toHaveLength(3))
    expect(changed.slice(0, 2)).toEqual([
      `${edited.id._serialized}: stop 2`,
      `${deleted.id._serialized} is gone`,
    ])
    // Those that it has heard already keep their ids, by which they are known.
    const ids = received.map(({ eventId }) => eventId)
    expect(new Set(ids)).toEqual(new Set(ids.slice(0, 3)))
  })

  test('what the bot has taken is seen to be read', async () => {
    await using bot = await openBot(folder.path)
    const { server, anna, received } = bot
    await bot.connected()
    const said = server.says(anna, anna.phone, 'status')
    await eventually(() => expect(said.isSeen).toBe(true))
    expect(received).toHaveLength(1)
  })

  test('a number is an answer to the newest question, and to an earlier one where it quotes that', async () => {
    await using bot = await openBot(folder.path)
    const { server, anna, received, pressed } = bot
    const { transport } = await bot.connected()
    const choices = [{ label: 'Yes' }, { label: 'No' }]
    for (const id of ['first', 'second'])
      await transport.send({ ...bot.part(`${id}?`), id, choices }, never)
    const first = server.in(anna.phone).find(({ body }) => body === 'first?')
    server.says(anna, anna.phone, '2')
    server.says(anna, anna.phone, '1', { quoting: first })
    server.says(anna, anna.phone, '1')
    await eventually(() => expect(received).toHaveLength(1))
    expect(pressed.map(({ message, choice }) => [message, choice])).toEqual([
      ['second', 1],
      ['first', 0],
    ])
    expect(received[0]?.text).toBe('1')
  })

  test('what was said before the bot first came is not for it', async () => {
    await using bot = await openBot(folder.path)
    const { server, anna, received } = bot
    server.says(anna, anna.phone, 'long ago')
    await new Promise((resolve) => setTimeout(resolve, 1000))
    await bot.connected()
    server.says(anna, anna.phone, 'now')
    await eventually(() => expect(received.map(({ text }) => text)).toEqual(['now']))
  })

  test('a message that is too old to be changed is followed by a new one', async () => {
    await using bot = await openBot(folder.path)
    const { server, anna, part } = bot
    const { transport } = await bot.connected()
    const { messageId } = await transport.send(part('It runs.'), never)
    const [, sent] = server.in(anna.phone)
    server.tell({ event: 'changed', id: sent?.id, changes: { isOld: true } })
    const receipt = await transport.edit(messageId, part('It is done.'), never)
    expect(receipt.messageId).not.toBe(messageId)
    expect(server.said(anna.phone)).toEqual(['Here.', 'It runs.', 'It is done.'])
  })

  test('a chat that there is none of is gone, and nothing is in doubt', async () => {
    await using bot = await openBot(folder.path)
    const { transport } = await bot.connected()
    const nowhere = { ...bot.part('Hello?'), room: '4900000@c.us' }
    await expect(transport.send(nowhere, never)).rejects.toMatchObject({ kind: 'gone' })
  })
})
