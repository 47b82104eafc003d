import { expect, test } from 'vitest'
import { ItemPlaces } from '../../src/agents/item-places.ts'
import { openDesk } from '../commands/desk.ts'

const slack = { transport: 'slack', room: 'main' }
const matrix = { transport: 'matrix', room: 'main' }

test('an item is asked about where it was made, then where it was changed last', async () => {
  const { say, itemPlaces } = openDesk()
  await say('story One', 'anna', 'slack')
  expect(itemPlaces.of(1, 'admin')).toEqual([slack])
  await say('start 1', 'anna', 'matrix')
  expect(itemPlaces.of(1, 'admin')).toEqual([matrix])
  await say('status 1', 'anna', 'telegram')
  expect(itemPlaces.of(1, 'admin')).toEqual([matrix])
})

test('a room in which nobody with the right has spoken is not asked alone', async () => {
  const { say, itemPlaces } = openDesk()
  await say('story One', 'max', 'slack')
  const named = itemPlaces.of(7, 'admin')
  expect(named).toHaveLength(2)
  expect(itemPlaces.of(1, 'member')).toEqual([slack])
  expect(itemPlaces.of(1, 'admin')).toEqual(named)
})

test('a room that the project names is asked, whoever spoke there', async () => {
  const { say, itemPlaces } = openDesk()
  await say('story One', 'max', 'terminal')
  expect(itemPlaces.of(1, 'admin')).toEqual([{ transport: 'terminal', room: 'main' }])
})

test('where the network is not served any more, the rooms of the project are asked', async () => {
  const { say, store } = openDesk()
  await say('story One', 'anna', 'slack')
  const rooms = [matrix]
  const now = (isServed: (transport: string) => boolean) =>
    new ItemPlaces({ store, rooms, isServed }).of(1, 'admin')
  expect(now(() => true)).toEqual([slack])
  expect(now((transport) => transport !== 'slack')).toEqual(rooms)
})

test('a change that is refused speaks of nothing', async () => {
  const { say, itemPlaces, pipeline } = openDesk()
  await say('story One', 'anna', 'slack')
  await say('approve 1', 'anna', 'matrix')
  pipeline.edit(1, { name: 'Two' }, { kind: 'run', id: 'r1' })
  expect(itemPlaces.of(1, 'admin')).toEqual([slack])
})
