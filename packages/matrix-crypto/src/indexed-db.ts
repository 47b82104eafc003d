import 'fake-indexeddb/auto'

/** A record of an object store; both parts can be cloned. */
export interface KeptRecord {
  readonly key: unknown
  readonly value: unknown
}

/** What a transaction changed: `record` is missing where the key was deleted. */
export interface Change {
  readonly store: string
  readonly key: unknown
  readonly record?: KeptRecord
}

/** How a database is laid out, as `createObjectStore` and `createIndex` take it. */
export interface StoreShape {
  readonly name: string
  readonly keyPath: string | string[] | null
  readonly autoIncrement: boolean
  readonly indexes: readonly IndexShape[]
}

interface IndexShape {
  readonly name: string
  readonly keyPath: string | string[]
  readonly unique: boolean
  readonly multiEntry: boolean
}

/** Told of what was committed, before whoever made the transaction is. Names lack the prefix. */
export interface Keeper {
  /** The database was made or upgraded: this is all that is in it. */
  laidOut(database: string, version: number, stores: readonly StoreShape[], all: Change[]): void
  changed(database: string, changes: Change[]): void
}

/** The inside of fake-indexeddb 6.2 (pinned exactly), as far as it is touched here. */
interface RawStore {
  readonly name: string
  readonly keyPath: string | string[] | null
  readonly autoIncrement: boolean
  readonly rawIndexes: ReadonlyMap<string, IndexShape>
  readonly records: { get(key: unknown): KeptRecord | undefined }
  getAllKeys(range?: unknown): unknown[]
  storeRecord(record: { key?: unknown }, ...rest: unknown[]): unknown
  deleteRecord(range: unknown, ...rest: unknown[]): void
  clear(...rest: unknown[]): void
}
interface RawDatabase extends IDBDatabase {
  readonly _rawDatabase: { readonly rawObjectStores: ReadonlyMap<string, RawStore> }
}

interface RawFactory extends IDBFactory {
  readonly _databases: Map<string, unknown>
}

const keepers = new Map<string, Keeper>()
const touched = new WeakMap<RawStore, Set<unknown>>()

/** Has every database whose name begins with `prefix` kept by `keeper`. */
export function keep(prefix: string, keeper: Keeper): void {
  keepers.set(prefix, keeper)
}

/**
 * Forgets the databases of `prefix`, in memory alone. To have them deleted would be to wait, without a
 * pause, for whoever has them open; and the library closes its own only when nobody remembers it.
 */
export function forget(prefix: string): void {
  keepers.delete(prefix)
  const { _databases: databases } = indexedDB as RawFactory
  for (const name of databases.keys()) if (name.startsWith(prefix)) databases.delete(name)
}

/** Makes a database in memory as it was kept. */
export function restore(
  name: string,
  version: number,
  stores: readonly StoreShape[],
  records: ReadonlyMap<string, readonly KeptRecord[]>,
): Promise<void> {
  const request = indexedDB.open(name, version)
  return new Promise((resolve, reject) => {
    request.onerror = () => reject(request.error)
    request.onupgradeneeded = () => {
      for (const { name, keyPath, autoIncrement, indexes } of stores) {
        const store = request.result.createObjectStore(name, { keyPath, autoIncrement })
        for (const { name, keyPath, unique, multiEntry } of indexes)
          store.createIndex(name, keyPath, { unique, multiEntry })
        for (const { key, value } of records.get(name) ?? [])
          store.put(value, keyPath === null ? (key as IDBValidKey) : undefined)
      }
    }
    request.onsuccess = () => {
      request.result.close()
      resolve()
    }
  })
}

const begin = IDBDatabase.prototype.transaction

// The one seam: the listener is the first of its transaction, so that nobody hears of a commit
// before its changes are kept.
IDBDatabase.prototype.transaction = function (this: RawDatabase, names, mode, options) {
  const transaction = begin.call(this, names, mode, options)
  const prefix = [...keepers.keys()].find((each) => this.name.startsWith(each))
  const keeper = prefix === undefined ? undefined : keepers.get(prefix)
  if (!keeper || mode === 'readonly' || mode === undefined) return transaction
  const scope = typeof names === 'string' ? [names] : [...names]
  const name = this.name.slice(prefix?.length)
  const upgrades = transaction.mode === 'versionchange'
  if (!upgrades) for (const name of scope) watch(rawStore(this, name))
  transaction.addEventListener('complete', () => {
    if (upgrades) keeper.laidOut(name, this.version, ...allOf(this))
    else
      keeper.changed(
        name,
        scope.flatMap((name) => changesOf(rawStore(this, name))),
      )
  })
  return transaction
}

function rawStore(database: RawDatabase, name: string): RawStore {
  const store = database._rawDatabase.rawObjectStores.get(name)
  if (!store) throw new Error(`${database.name} has no object store ${name}`)
  return store
}

/** Notes each key that is written or deleted from now on. */
function watch(store: RawStore): void {
  if (touched.has(store)) return
  const keys = new Set<unknown>()
  touched.set(store, keys)
  const { storeRecord, deleteRecord, clear } = store
  store.storeRecord = (record, ...rest) => {
    const key = storeRecord.call(store, record, ...rest)
    keys.add(key)
    return key
  }
  store.deleteRecord = (range, ...rest) => {
    for (const key of store.getAllKeys(range)) keys.add(key)
    deleteRecord.call(store, range, ...rest)
  }
  store.clear = (...rest) => {
    for (const key of store.getAllKeys()) keys.add(key)
    clear.call(store, ...rest)
  }
}

function changesOf(store: RawStore): Change[] {
  const keys = touched.get(store)
  const changes = [...(keys ?? [])].map((key) => changeOf(store, key))
  keys?.clear()
  return changes
}

function changeOf(store: RawStore, key: unknown): Change {
  const record = store.records.get(key)
  return { store: store.name, key, ...(record && { record }) }
}

function allOf(database: RawDatabase): [StoreShape[], Change[]] {
  const stores = [...database._rawDatabase.rawObjectStores.values()]
  const all = stores.flatMap((store) => store.getAllKeys().map((key) => changeOf(store, key)))
  return [stores.map(shapeOf), all]
}

function shapeOf({ name, keyPath, autoIncrement, rawIndexes }: RawStore): StoreShape {
  const indexes = [...rawIndexes.values()].map(({ name, keyPath, unique, multiEntry }) => ({
    name,
    keyPath,
    unique,
    multiEntry,
  }))
  return { name, keyPath, autoIncrement, indexes }
}
