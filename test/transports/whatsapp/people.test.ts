import { expect, test } from 'vitest'
import { migrate } from '../../../src/store/migrations.ts'
import { Store } from '../../../src/store/store.ts'
import { People, personId } from '../../../src/transports/whatsapp/people.ts'
import { WhatsAppState } from '../../../src/transports/whatsapp/whatsapp-state.ts'

const phone = '4915112345678@c.us'
const lid = '8000001@lid'

/** WhatsApp as far as it tells who is who, and how often it was asked. */
function world(served: readonly string[], known = true) {
  const store = Store.open(':memory:')
  migrate(store, 0)
  let asked = 0
  const client = {
    async getContactLidAndPhone() {
      asked += 1
      if (known) return [{ lid, pn: phone }]
      throw new Error('Nobody knows.')
    },
  }
  const state = new WhatsAppState(store)
  const serves = (person: string) => served.includes(person)
  return {
    people: () => new People({ client, state, serves }),
    asked: () => asked,
  }
}

test('an id is the phone number alone, or the other id with its kind, whatever the device', () => {
  expect(personId('4915112345678:12@c.us')).toBe('whatsapp:4915112345678')
  expect(personId(lid)).toBe('whatsapp:8000001@lid')
})

test('whichever of their names the bot knows somebody by, that is who they are', async () => {
  for (const known of ['whatsapp:4915112345678', 'whatsapp:8000001@lid'])
    for (const name of [phone, '4915112345678:3@c.us', lid, '8000001:9@lid']) {
      const people = world([known]).people()
      expect(await people.person(name, 'Anna')).toEqual({ id: known, name: 'Anna' })
    }
})

test('a stranger is who their phone number says, by whichever name they come', async () => {
  const { people } = world([])
  const id = 'whatsapp:4915112345678'
  expect(await people().person(lid, 'Anna')).toMatchObject({ id })
  expect(await people().person(phone, 'Anna')).toMatchObject({ id })
})

test('WhatsApp is asked once, and what it said is known after a restart', async () => {
  const { people, asked } = world([])
  await people().person(lid, 'Anna')
  await people().person(phone, 'Anna')
  expect(asked()).toBe(1)
})

test('where WhatsApp does not say, the one name is enough, and it is not asked again and again', async () => {
  const { people, asked } = world(['whatsapp:8000001@lid'], false)
  const here = people()
  expect(await here.person(lid, undefined)).toEqual({
    id: 'whatsapp:8000001@lid',
    name: 'whatsapp:8000001@lid',
  })
  expect(await here.person(phone, undefined)).toEqual({
    id: 'whatsapp:4915112345678',
    name: '+4915112345678',
  })
  await here.person(lid, undefined)
  expect(asked()).toBe(2)
})
