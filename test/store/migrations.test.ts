import { expect, onTestFinished, test } from 'vitest'
import { migrate } from '../../src/store/migrations.ts'
import { Store } from '../../src/store/store.ts'

function emptyStore(): Store {
  const store = Store.open(':memory:')
  onTestFinished(() => store.close())
  return store
}

test('a new database gets every step of the schema once, with its date', () => {
  const store = emptyStore()
  const ran = migrate(store, 1000)
  expect(ran).toBeGreaterThan(0)
  expect(migrate(store, 2000)).toBe(0)
  const steps = store.db.prepare('SELECT number, applied_at FROM migrations ORDER BY number').all()
  expect(steps).toHaveLength(ran)
  expect(steps[0]).toEqual({ number: 1, applied_at: 1000 })
})

test('L49: a database that a newer program has changed is refused, with what changed it and when', () => {
  const store = emptyStore()
  migrate(store, 0)
  store.db
    .prepare('INSERT INTO migrations VALUES (?, ?, ?)')
    .run(9999, 'tomorrow', Date.UTC(2030, 0, 2))
  expect(() => migrate(store, 0)).toThrow(
    expect.objectContaining({
      code: 'newer-database',
      message: expect.stringMatching(/migration 9999 "tomorrow", 2030-01-02/),
    }),
  )
})
