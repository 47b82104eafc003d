import { expect, test } from 'vitest'
import { Access } from '../../src/bot/access.ts'
import { AmbientRooms } from '../../src/bot/ambient.ts'
import { Guests } from '../../src/bot/guests.ts'
import { StoredOutbox } from '../../src/bot/outbox.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { memoryStore } from '../support/memory-store.ts'
import { seeded } from '../support/seeded.ts'

const root = { id: 'net:root', name: 'Root' }
const hourMs = 3_600_000

/** A database, and the program that is started on it once more by each `start`. */
function world() {
  const clock = new FakeClock(1_000_000)
  const store = memoryStore()
  const outbox = new StoredOutbox(store, clock)
  const start = () => new Guests({ store, outbox, clock, random: seeded(7) })
  const told = (room: string) =>
    store.db.prepare('SELECT text FROM outbox WHERE room = ?').pluck().all(room) as string[]
  const codeOf = (room: string) => /`(\w{4}-\w{4})`/.exec(told(room).at(-1) ?? '')?.[1] ?? 'none'
  return { clock, store, start, told, codeOf }
}

const stranger = (name: string) => ({
  ...{ sender: { id: `net:${name}`, name }, transport: 'net', room: name },
})

test('a stranger is told a code, once an hour, however often they write', async () => {
  const { clock, start, told, codeOf } = world()
  const guests = start()
  await guests.knock(stranger('sam'))
  const first = codeOf('sam')
  await guests.knock(stranger('sam'))
  clock.advance(hourMs - 1)
  await guests.knock(stranger('sam'))
  expect(told('sam')).toHaveLength(1)
  expect(told('sam')[0]).toContain(`admit ${first}`)
  clock.advance(1)
  await guests.knock(stranger('sam'))
  expect(told('sam')).toHaveLength(2)
  expect(codeOf('sam')).not.toBe(first)
})

test('the code lets in whom it was told, with the role that the admin gives, and survives a restart', async () => {
  const { store, start, told, codeOf } = world()
  const guests = start()
  await guests.knock(stranger('sam'))
  const code = codeOf('sam').toLowerCase()
  expect(guests.roleOf('net:sam')).toBeUndefined()
  expect(store.transaction(() => guests.admit(code, 'member', root))).toEqual({
    id: 'net:sam',
    name: 'sam',
  })
  expect(guests.roleOf('net:sam')).toBe('member')
  expect(told('sam').at(-1)).toContain('role member')
  expect(start().roleOf('net:sam')).toBe('member')
})

test('an admission that is undone admits nobody', async () => {
  const { store, start, codeOf } = world()
  const guests = start()
  await guests.knock(stranger('sam'))
  const undone = () =>
    store.transaction(() => {
      guests.admit(codeOf('sam'), 'admin', root)
      throw new Error('no')
    })
  expect(undone).toThrow('no')
  expect(guests.roleOf('net:sam')).toBeUndefined()
  expect(start().roleOf('net:sam')).toBeUndefined()
})

test('a code counts once, for an hour', async () => {
  const { clock, store, start, codeOf } = world()
  const guests = start()
  await guests.knock(stranger('sam'))
  await guests.knock(stranger('kim'))
  const [sam, kim] = [codeOf('sam'), codeOf('kim')]
  const admit = (code: string) => store.transaction(() => guests.admit(code, 'viewer', root))
  admit(sam)
  expect(() => admit(sam)).toThrow('Nobody waits')
  expect(() => admit('AAAA-AAAA')).toThrow('Nobody waits')
  clock.advance(hourMs)
  expect(() => admit(kim)).toThrow('Nobody waits')
})

test('a crowd of strangers fills neither the database nor the outbox', async () => {
  const { clock, store, start, told } = world()
  const guests = start()
  for (let number = 0; number < 150; number++) await guests.knock(stranger(`stranger ${number}`))
  expect(store.db.prepare('SELECT count(*) FROM pairings').pluck().get()).toBe(100)
  expect(told('stranger 149')).toEqual([])
  clock.advance(hourMs)
  await guests.knock(stranger('sam'))
  expect(told('sam')).toHaveLength(1)
})

test('what bot.toml says of a person counts more than that they were let in', async () => {
  const { store, start, codeOf } = world()
  const guests = start()
  await guests.knock(stranger('sam'))
  store.transaction(() => guests.admit(codeOf('sam'), 'admin', root))
  const lists = { admins: [], members: [], viewers: ['net:sam'] }
  expect(new Access(lists, guests).roleOf('net:sam')).toBe('viewer')
  expect(new Access({ ...lists, viewers: [] }, guests).roleOf('net:sam')).toBe('admin')
})

test('a room is ambient until it is not, also after a restart', () => {
  const { store } = world()
  const room = { transport: 'net', room: 'hall' }
  const ambient = new AmbientRooms(store)
  store.transaction(() => ambient.set(room, true))
  expect(ambient.has({ ...room, thread: '7' })).toBe(true)
  expect(new AmbientRooms(store).has(room)).toBe(true)
  expect(ambient.has({ ...room, room: 'other' })).toBe(false)
  store.transaction(() => ambient.set(room, false))
  expect(ambient.has(room)).toBe(false)
  expect(new AmbientRooms(store).has(room)).toBe(false)
})
