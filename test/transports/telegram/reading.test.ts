import type { Message, MessageEntity, UserFromGetMe } from 'grammy/types'
import { describe, expect, test } from 'vitest'
import { menuName, Reading } from '../../../src/transports/telegram/reading.ts'

const me = { id: 777, is_bot: true, first_name: 'Huskies 🐺', username: 'HuskiesBot' }
const anna = { id: 12, is_bot: false, first_name: 'Anna', last_name: 'Berg' }
const privately = { id: 12, type: 'private', first_name: 'Anna' } as const
const group = { id: -100, type: 'supergroup', title: 'The team' } as const
const reading = new Reading(me as UserFromGetMe, ['status', 'release-notes', 'run_tests'])

function message(text: string, facts: Partial<Message> = {}): Message {
  return { message_id: 5, date: 1_700_000_000, chat: group, from: anna, text, ...facts } as Message
}

function entity(type: string, text: string, part: string, facts: object = {}): MessageEntity[] {
  return [{ type, offset: text.indexOf(part), length: part.length, ...facts } as MessageEntity]
}

test('a message has its place, its sender, its time, and an id that names its chat too', () => {
  expect(reading.read(message('hello', { chat: privately }))).toEqual({
    ...{ transport: 'telegram', room: '12', eventId: '12/5', text: 'hello' },
    sender: { id: 'telegram:12', name: 'Anna Berg' },
    ...{ direct: true, addressed: true, at: 1_700_000_000_000 },
  })
})

test('a message in a topic has its thread, one in the group itself has none', () => {
  const topic = { is_topic_message: true, message_thread_id: 7 } as const
  expect(reading.read(message('hello', topic))?.thread).toBe('7')
  expect(reading.read(message('hello', { message_thread_id: 7 }))?.thread).toBeUndefined()
})

describe('in a group', () => {
  test.each([
    ['@HuskiesBot status 3', '@HuskiesBot', 'status 3'],
    ['@huskiesbot: status 3', '@huskiesbot', 'status 3'],
    ['status 3 @HuskiesBot', '@HuskiesBot', 'status 3'],
    ['what does @HuskiesBot say?', '@HuskiesBot', 'what does say?'],
  ])('"%s" is for the bot', (text, mention, said) => {
    const entities = entity('mention', text, mention)
    expect(reading.read(message(text, { entities }))).toMatchObject({ text: said, addressed: true })
  })

  test.each([
    ['Huskies, status 3', 'status 3'],
    ['🐺 huskies status 3', 'status 3'],
    ['huskiesbot: status 3', 'status 3'],
  ])('"%s" calls the bot by its name', (text, said) => {
    expect(reading.read(message(text))).toMatchObject({ text: said, addressed: true })
  })

  test.each(['huskiest of all', '@HuskiesBotany help', 'status 3'])(
    '"%s" is not for the bot',
    (text) => {
      const entities = text.startsWith('@') ? entity('mention', text, '@HuskiesBotany') : []
      expect(reading.read(message(text, { entities }))).toMatchObject({ text, addressed: false })
    },
  )

  test('a mention of somebody without a name of their own is one of them, not of the bot', () => {
    const text = 'Huskies status'
    const of = (id: number) => ({ user: { id, is_bot: true, first_name: 'Huskies' } })
    const mine = entity('text_mention', text, 'Huskies', of(777))
    expect(reading.read(message(text, { entities: mine }))).toMatchObject({ text: 'status' })
  })

  test('a reply to the bot is for it, one to somebody else is not', () => {
    const replyTo = (from: object, more: object = {}) =>
      ({ reply_to_message: { ...message('x'), from, ...more } }) as unknown as Partial<Message>
    expect(reading.read(message('yes', replyTo(me)))?.addressed).toBe(true)
    expect(reading.read(message('yes', replyTo(anna)))?.addressed).toBe(false)
  })

  test('in a topic that the bot has opened, not everything is a reply to it', () => {
    const created = { ...message('x'), from: me, forum_topic_created: { name: 'Work' } }
    const facts = {
      reply_to_message: created,
      is_topic_message: true,
    } as unknown as Partial<Message>
    expect(reading.read(message('hello', facts))?.addressed).toBe(false)
  })

  test('a caption is what somebody says with a picture', () => {
    const text = '@HuskiesBot bug It looks wrong'
    const { text: _, ...picture } = message('', {
      caption: text,
      caption_entities: entity('mention', text, '@HuskiesBot'),
    })
    expect(reading.read(picture as Message)).toMatchObject({
      text: 'bug It looks wrong',
      addressed: true,
    })
  })
})

describe('a command of the menu', () => {
  const command = (text: string, facts: Partial<Message> = {}) => {
    const name = /^\S+/.exec(text)?.[0] ?? ''
    return reading.read(message(text, { entities: entity('bot_command', text, name), ...facts }))
  }

  test('is for the bot, with or without its name', () => {
    expect(command('/status 3')).toMatchObject({ text: '/status 3', addressed: true })
    expect(command('/status@HuskiesBot 3')).toMatchObject({ text: '/status 3', addressed: true })
  })

  test('is nothing to the bot where it names another', () => {
    expect(command('/status@OtherBot 3')).toBeUndefined()
  })

  test('means the command that it is spelled after', () => {
    expect(menuName('release-notes')).toBe('release_notes')
    expect(command('/release_notes')?.text).toBe('/release-notes')
    expect(command('/run_tests 3')?.text).toBe('/run_tests 3')
  })

  test('which opens a direct chat, asks for help; with an item it starts that', () => {
    expect(command('/start', { chat: privately })?.text).toBe('/help')
    expect(command('/start 3', { chat: privately })?.text).toBe('/start 3')
    expect(command('/start')?.text).toBe('/start')
  })
})

test.each([
  ['another bot', { from: { id: 9, is_bot: true, first_name: 'Other' } }],
  ['a channel', { chat: { id: -5, type: 'channel', title: 'News' } }],
  ['nobody', { from: undefined }],
] as const)('what %s says is not heard', (_, facts) => {
  expect(reading.read(message('status', facts as unknown as Partial<Message>))).toBeUndefined()
})

test('what holds no words is not heard', () => {
  expect(reading.read(message(' '))).toBeUndefined()
  const { text: _, ...joined } = message('')
  expect(reading.read({ ...joined, new_chat_members: [anna] } as Message)).toBeUndefined()
})
