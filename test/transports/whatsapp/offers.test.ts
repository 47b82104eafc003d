import { beforeEach, expect, test } from 'vitest'
import { migrate } from '../../../src/store/migrations.ts'
import { Store } from '../../../src/store/store.ts'
import { Offers } from '../../../src/transports/whatsapp/offers.ts'
import { WhatsAppState } from '../../../src/transports/whatsapp/whatsapp-state.ts'

const team = '7@g.us'
const anna = '1@lid'
const bob = '2@lid'
const choices = [{ label: 'Yes' }, { label: 'No' }]
const now = 1_000_000

let store: Store
let offers: Offers

beforeEach(() => {
  store = Store.open(':memory:')
  migrate(store, 0)
  offers = new Offers(store)
})

/** The bot asks in the group; where that is an answer to somebody, it asks them alone. */
function asks(id: string, asked?: string, at = now): void {
  const replyTo = asked && `false_${team}_ABC_${asked}`
  const part = { id, transport: 'whatsapp', room: team, text: id, choices }
  offers.add(`KEY-${id}`, { ...part, ...(replyTo && { replyTo }) }, at)
}

/** What somebody's answer picks; once it is stored, they have picked. */
function picks(
  user: string,
  text: string,
  { quoted = undefined as string | undefined, at = now } = {},
) {
  const sender = { id: `whatsapp:${user}`, name: user }
  const place = { transport: 'whatsapp', room: team, direct: false, addressed: false }
  const message = { ...place, eventId: text, sender, text, at }
  const picked = offers.find({ message, user, quoted })
  if (picked) offers.picked(picked, sender)
  return picked?.press
}

test('a number picks a choice, and what is no number of theirs picks none', () => {
  asks('q')
  for (const text of ['3', '0', 'Yes', '1 2', '12', 'one'])
    expect(picks(anna, text)).toBeUndefined()
  expect(picks(anna, ' #2. ')).toEqual({ message: 'q', choice: 1 })
})

test('a number alone is an answer to the newest question only, and a quote to the one that it quotes', () => {
  asks('old')
  asks('new')
  expect(picks(anna, '1', { quoted: 'KEY-old' })).toEqual({ message: 'old', choice: 0 })
  expect(picks(anna, '2')).toEqual({ message: 'new', choice: 1 })
  expect(picks(anna, '2')).toBeUndefined()
  // Whoever quotes it means it: whether it is still open is for the bot to say.
  expect(picks(anna, '2', { quoted: 'KEY-new' })).toEqual({ message: 'new', choice: 1 })
})

test('a number that quotes something else is an answer to nothing', () => {
  asks('q')
  expect(picks(anna, '1', { quoted: 'of-somebody-else' })).toBeUndefined()
})

test('what is asked of one person is not answered by the number of another', () => {
  asks('delete 2?', anna)
  expect(picks(bob, '1')).toBeUndefined()
  asks('delete 3?', bob)
  expect(picks(anna, '1')).toEqual({ message: 'delete 2?', choice: 0 })
  expect(picks(bob, '1')).toEqual({ message: 'delete 3?', choice: 0 })
})

test('somebody is asked by whichever of their names', () => {
  new WhatsAppState(store).isSame(anna, '49151@c.us')
  asks('q', anna)
  expect(picks('49151@c.us', '1')).toEqual({ message: 'q', choice: 0 })
  asks('r', '49151@c.us')
  expect(picks(anna, '1')).toEqual({ message: 'r', choice: 0 })
})

test('who has no right to answer takes the question from nobody', () => {
  asks('May it?')
  expect(picks(bob, '1')).toBeDefined()
  expect(picks(anna, '1')).toEqual({ message: 'May it?', choice: 0 })
})

test('a number is no answer to a question that came later, read again after an absence', () => {
  asks('q', undefined, now + 60_000)
  expect(picks(anna, '1')).toBeUndefined()
  expect(picks(anna, '1', { at: now + 60_000 })).toBeDefined()
})

test('a message in several parts is one question, and the oldest questions are forgotten', () => {
  asks('long.2')
  expect(picks(anna, '1')?.message).toBe('long')
  for (let number = 0; number < 200; number += 1) asks(`q${number}`)
  expect(picks(bob, '1', { quoted: 'KEY-long.2' })).toBeUndefined()
  expect(picks(bob, '1', { quoted: 'KEY-q0' })?.message).toBe('q0')
})
