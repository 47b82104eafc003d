import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { KeyStore } from '../src/key-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'huskies-keys-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const nextFile = () => join(folder, `${++files}.db`)

/** Only what a test needs of a database in a browser, since Node has no types of it. */
interface Opened {
  transaction(names: string[], mode: string): Transaction
  createObjectStore(name: string, options?: object): ObjectStore
  close(): void
}
interface Transaction {
  objectStore(name: string): ObjectStore
  oncomplete: () => void
  onabort: () => void
  abort(): void
}
interface ObjectStore {
  put(value: unknown, key?: unknown): void
  delete(key: unknown): void
  clear(): void
  createIndex(name: string, path: string): void
  index(name: string): { getAllKeys(key?: unknown): { result: unknown[] } }
  getAll(): { result: unknown[] }
  getAllKeys(): { result: unknown[] }
}

function open(name: string): Promise<Opened> {
  const request = indexedDB.open(name, 3)
  return new Promise((resolve, reject) => {
    request.onupgradeneeded = () => {
      request.result.createObjectStore('plain')
      request.result.createObjectStore('kinds').createIndex('by kind', 'kind')
    }
    request.onsuccess = () => resolve(request.result as unknown as Opened)
    request.onerror = () => reject(request.error)
  })
}

function within(database: Opened, work: (transaction: Transaction) => void): Promise<void> {
  const transaction = database.transaction(['plain', 'kinds'], 'readwrite')
  work(transaction)
  return new Promise((resolve) => {
    transaction.oncomplete = transaction.onabort = resolve
  })
}

async function contents(database: Opened) {
  const found: unknown[] = []
  await within(database, (transaction) => {
    const kinds = transaction.objectStore('kinds')
    const plain = transaction.objectStore('plain')
    found.push(plain.getAllKeys(), plain.getAll(), kinds.getAllKeys(), kinds.getAll())
    found.push(kinds.index('by kind').getAllKeys('a'))
  })
  return found.map((request) => (request as { result: unknown }).result)
}

const key = fc.constantFrom('one', 'two', 'three')
const step = fc.oneof(
  fc.record({ do: fc.constant('put' as const), key, value: fc.uint8Array({ maxLength: 8 }) }),
  fc.record({ do: fc.constant('kind' as const), key, value: fc.constantFrom('a', 'b') }),
  fc.record({ do: fc.constant('delete' as const), key }),
  fc.record({ do: fc.constant('clear' as const) }),
)
const history = fc.array(fc.record({ steps: fc.array(step), aborts: fc.boolean() }), {
  maxLength: 8,
})

it('gives back after a restart exactly what was committed', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (transactions) => {
      const path = nextFile()
      const store = await KeyStore.open(path, 'ann')
      const database = await open(`${store.name}::keys`)
      for (const { steps, aborts } of transactions)
        await within(database, (transaction) => {
          for (const each of steps) {
            const plain = transaction.objectStore('plain')
            if (each.do === 'put') plain.put(each.value, each.key)
            if (each.do === 'delete') plain.delete(each.key)
            if (each.do === 'clear') transaction.objectStore('kinds').clear()
            if (each.do === 'kind')
              transaction.objectStore('kinds').put({ kind: each.value }, each.key)
          }
          if (aborts) transaction.abort()
        })
      const before = await contents(database)
      database.close()
      store.check()
      store.close()

      const again = await KeyStore.open(path, 'ann')
      const reopened = await open(`${again.name}::keys`)
      expect(await contents(reopened)).toEqual(before)
      reopened.close()
      again.close()
    }),
    { numRuns: 40 },
  )
})

it('tells that something could not be stored the next time it is asked', async () => {
  const path = nextFile()
  const store = await KeyStore.open(path, 'ann')
  const database = await open(`${store.name}::keys`)
  await within(database, (transaction) => transaction.objectStore('plain').put(1, 'one'))
  store.check()
  database.close()
  // A file that was closed takes nothing any more, like a disk that is full.
  store.close()
  store.changed('::keys', [{ store: 'plain', key: 'two', record: { key: 'two', value: 2 } }])
  expect(() => store.check()).toThrow()
})

it('lets nobody else use a file that is open', async () => {
  const path = nextFile()
  const store = await KeyStore.open(path, 'ann')
  await expect(KeyStore.open(path, 'ann')).rejects.toThrow('locked')
  store.close()
  const again = await KeyStore.open(path, 'ann')
  again.close()
})

it('is closed at once while somebody has it open, and nothing goes on waiting for them', async () => {
  const store = await KeyStore.open(nextFile(), 'ann')
  const database = await open(store.name)
  store.close()
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(process.getActiveResourcesInfo()).not.toContain('Immediate')
  expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain(store.name)
  database.close()
})
