import { expect, test } from 'vitest'
import type { Message } from 'whatsapp-web.js'
import type { People } from '../../../src/transports/whatsapp/people.ts'
import { Reading } from '../../../src/transports/whatsapp/reading.ts'

const me = { id: '4915100000001@c.us', lid: '9000001@lid', name: 'Huskies' }
const people = {
  person: async (id: string, name: string | undefined) => ({ id: `whatsapp:${id}`, name }),
} as unknown as People
const reading = new Reading(me, people)

function whole(fields: Partial<Record<keyof Message, unknown>>) {
  return reading.read({
    ...{ id: { _serialized: 'false_1' }, from: '1@c.us', fromMe: false, type: 'chat' },
    ...{ body: 'status', mentionedIds: [], hasMedia: false, hasQuotedMsg: false, timestamp: 5 },
    rawData: { notifyName: 'Anna' },
    ...fields,
  } as unknown as Message)
}

async function read(fields: Partial<Record<keyof Message, unknown>>) {
  return (await whole(fields))?.message
}

const group = { from: '7@g.us', author: '1@lid' }

test('a message has its chat, its sender and its time', async () => {
  expect(await read({})).toEqual({
    ...{ transport: 'whatsapp', room: '1@c.us', eventId: 'false_1', text: 'status' },
    sender: { id: 'whatsapp:1@c.us', name: 'Anna' },
    ...{ direct: true, addressed: true, at: 5000 },
  })
})

test('whom WhatsApp names as its sender is known, and what it quotes, whosever that is', async () => {
  expect(await whole(group)).toMatchObject({ user: '1@lid', quoted: undefined })
  const quoting = { hasQuotedMsg: true, getQuotedMessage: async () => ({ fromMe: false }) }
  const raw = { author: '1:7@lid', rawData: { quotedStanzaID: '3EB0' } }
  expect(await whole({ ...group, ...quoting, ...raw })).toMatchObject({
    ...{ user: '1@lid', quoted: '3EB0' },
  })
})

test('a mention by either of the bot’s names is for it, and is not in the text', async () => {
  for (const id of [me.id, me.lid, { _serialized: me.lid }]) {
    const user = String(typeof id === 'string' ? id : id._serialized).split('@')[0]
    const said = { mentionedIds: [id] }
    expect(await read({ ...group, ...said, body: `@${user}: status 3` })).toMatchObject({
      ...{ text: 'status 3', addressed: true, direct: false, room: '7@g.us' },
    })
    expect(await read({ ...group, ...said, body: `status @${user}` })).toMatchObject({
      text: 'status',
    })
  }
})

test('in a group what names, mentions and answers nobody is for nobody', async () => {
  expect(await read(group)).toMatchObject({ addressed: false })
  expect(await read({ ...group, mentionedIds: ['1@lid'], body: '@1 hi' })).toMatchObject({
    ...{ text: '@1 hi', addressed: false },
  })
})

test('an answer to what cannot be read any more is for nobody', async () => {
  const gone = { hasQuotedMsg: true, getQuotedMessage: () => Promise.reject(new Error('gone')) }
  expect(await read({ ...group, ...gone })).toMatchObject({ addressed: false })
  const mine = { hasQuotedMsg: true, getQuotedMessage: async () => ({ fromMe: true }) }
  expect(await read({ ...group, ...mine })).toMatchObject({ addressed: true })
})

test('what no person says in a chat is not read', async () => {
  expect(await read({ fromMe: true })).toBeUndefined()
  expect(await read({ from: 'status@broadcast', author: '1@c.us' })).toBeUndefined()
  expect(await read({ from: '5@newsletter' })).toBeUndefined()
  expect(await read({ from: '13135550002@bot' })).toBeUndefined()
  expect(await read({ type: 'e2e_notification' })).toBeUndefined()
  expect(await read({ body: '  ' })).toBeUndefined()
})

test('a file is named as its sender calls it, or after what it is', async () => {
  const file = { hasMedia: true, body: '' }
  expect(
    await read({ ...file, type: 'document', rawData: { filename: 'plan.pdf' } }),
  ).toMatchObject({ text: '', files: [{ name: 'plan.pdf', ref: 'false_1' }] })
  expect(await read({ ...file, type: 'image' })).toMatchObject({ files: [{ name: 'picture.jpg' }] })
})
