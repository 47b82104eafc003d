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

  test('a file that somebody sends is fetched, and one that is gone is told', async () => {
    await using bot = await openBot(folder.path)
    const { server, anna, received } = bot
    const { transport } = await bot.connected()
    server.says(anna, anna.phone, 'read this', { file: { name: 'plan.md', content: '# A plan' } })
    await eventually(() => expect(received).toHaveLength(1))
    expect(received[0]).toMatchObject({ text: 'read this', files: [{ name: 'plan.md' }] })
    const [file = { name: '', ref: '' }] = received[0]?.files ?? []
    const content = await transport.fetch(file)
    expect(Buffer.from(content).toString()).toBe('# A plan')
    const gone = { name: 'gone', ref: 'false_1@c.us_ABC' }
    await expect(transport.fetch(gone)).rejects.toMatchObject({ code: 'no-file' })
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
