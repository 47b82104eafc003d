import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { eventually, openBot } from '../../support/slack/bot.ts'

const never = new AbortController().signal

/** Anna has sent a file. */
async function send(text: string, content = 'a,b') {
  const opened = await openBot()
  const { server, anna, direct, heard, transport } = opened
  server.says(anna, direct, text, { file: { name: 'prices.csv', content } })
  await eventually(() => expect(heard).toHaveLength(1))
  const [file] = heard[0]?.files ?? []
  if (!file) throw new Error('No file was heard of.')
  return { ...opened, file, fetch: () => transport.fetch(file, never) }
}

test.each(['Look at this', ''])('a file that comes with "%s" is fetched', async (text) => {
  const { heard, file, fetch } = await send(text)
  expect(heard).toMatchObject([{ text, files: [{ name: 'prices.csv' }] }])
  expect(file.name).toBe('prices.csv')
  expect(Buffer.from(await fetch()).toString()).toBe('a,b')
})

test('a file that is gone, or that the app may not read, is told as such', async () => {
  const { server, fetch, conversations, direct } = await send('')
  server.scopes.delete('files:read')
  await expect(fetch()).rejects.toMatchObject({
    code: 'no-file',
    message: expect.stringContaining('lacks a permission'),
  })
  server.scopes.add('files:read')
  const [shown] = conversations.in(direct)
  if (shown) shown.deleted = true
  await expect(fetch()).rejects.toMatchObject({
    message: expect.stringContaining('file_not_found'),
  })
})

test('a file that is too large stays where it is', async () => {
  const { fetch } = await send('', 'x'.repeat(50_000_001))
  await expect(fetch()).rejects.toMatchObject({ message: 'it is larger than 50 MB' })
})

test('the token is given to Slack alone, wherever a file is said to lie', async () => {
  const { server, fetch } = await send('')
  const asked: unknown[] = []
  const other = createServer(({ headers }, response) => {
    asked.push(headers.authorization)
    response.end('caught')
  })
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.2', resolve))
  onTestFinished(() => void other.close())
  server.fileRoot = `http://127.0.0.2:${(other.address() as AddressInfo).port}/`
  await expect(fetch()).rejects.toMatchObject({ message: 'it does not lie at Slack' })
  expect(asked).toEqual([])
})
