import { expect, test } from 'vitest'
import { Asks } from '../../src/bot/asks.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { MemoryOutbox, memoryTransactions } from '../support/memory-boxes.ts'

const place = { transport: 'net', room: 'room' }

function open(): Asks {
  const store = { ...memoryTransactions, onRollback: () => {} }
  return new Asks({ store, outbox: new MemoryOutbox(), clock: new FakeClock(), random: () => 0 })
}

test('a word with an id names its question, whatever marks follow it', () => {
  const asks = open()
  expect(asks.read('yes bcdfg', place)).toBe('answer bcdfg yes')
  expect(asks.read(' N! BCDFG.! ', place)).toBe('answer bcdfg no')
  expect(asks.read('perhaps bcdfg', place)).toBeUndefined()
})

test('the longest message of marks alone is read at once', () => {
  const marks = '!'.repeat(40_000)
  for (const text of [
    `${marks} what`,
    `yes${marks} what`,
    `yes bcdfg${marks}?`,
    `${marks}:${marks}`,
  ])
    expect(open().read(text, place)).toBeUndefined()
})
