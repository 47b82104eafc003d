import Database from 'better-sqlite3'
import { onTestFinished } from 'vitest'
import { silentLog } from '../../src/kernel/log.ts'
import { DocumentPipeline } from '../../src/pipeline/document/document-pipeline.ts'
import { Owner } from '../../src/pipeline/document/owner.ts'
import { Replica } from '../../src/pipeline/document/replica.ts'
import type { Deed, Request } from '../../src/pipeline/document/request.ts'
import type { Actor } from '../../src/pipeline/item.ts'
import { Store } from '../../src/store/store.ts'
import type { FakeClock } from '../support/fake-clock.ts'
import { memoryStore } from '../support/memory-store.ts'

/** The node that runs the project. What it has stored can be kept, and put in its place again. */
export class OwnerNode {
  readonly #clock: FakeClock
  #store: Store
  pipeline: DocumentPipeline
  owner: Owner

  constructor(clock: FakeClock) {
    this.#clock = clock
    this.#store = open()
    this.pipeline = this.#load()
    this.owner = new Owner({ store: this.#store, clock, pipeline: this.pipeline })
  }

  /** A start of the program over what it has stored, or over an earlier copy of that. */
  restart(copy = this.copy()): void {
    this.#store.close()
    this.#store = open(copy)
    this.pipeline = this.#load()
    this.owner = new Owner({ store: this.#store, clock: this.#clock, pipeline: this.pipeline })
  }

  /** The document goes on as its next edition, if there is anything to be gained by that. */
  renew(): boolean {
    return this.#store.transaction(() => this.pipeline.stored.renewIfWorn())
  }

  copy(): Buffer {
    return this.#store.db.serialize()
  }

  rows(): unknown[] {
    return rowsOf(this.#store)
  }

  close(): void {
    this.#store.close()
  }

  #load(): DocumentPipeline {
    return new DocumentPipeline(this.#store, this.#clock, silentLog, { maxRetries: 3 })
  }
}

let ids = 0

/** A node that has a copy of the project's document. */
export class ReplicaNode {
  readonly #clock: FakeClock
  readonly by: Actor & Request['by']
  #store: Store
  replica: Replica

  constructor(name: string, clock: FakeClock) {
    this.#clock = clock
    this.by = { kind: 'person', id: `chat:${name}`, name }
    this.#store = open()
    this.replica = this.#load()
  }

  /** As somebody who may do everything here asks for it. */
  request(deed: Deed, role: Request['role'] = 'admin'): string {
    return this.replica.request({ by: this.by, role, deed })
  }

  /** How the request stands here. */
  standing(id: string): string | undefined {
    return this.replica.requests().find(({ request }) => request.id === id)?.standing
  }

  restart(copy = this.copy()): void {
    this.#store.close()
    this.#store = open(copy)
    this.replica = this.#load()
  }

  copy(): Buffer {
    return this.#store.db.serialize()
  }

  rows(): unknown[] {
    return rowsOf(this.#store)
  }

  close(): void {
    this.#store.close()
  }

  #load(): Replica {
    return new Replica({
      store: this.#store,
      clock: this.#clock,
      log: silentLog,
      owner: 'kennel',
      newId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
    })
  }
}

/** Has the two exchange until neither has anything to say. */
export function meet({ owner }: OwnerNode, { replica }: ReplicaNode): void {
  for (let last = ''; ; ) {
    const ask = Buffer.from(replica.ask())
    if (ask.toString() === last) return
    last = ask.toString()
    replica.take(owner.serve(ask))
  }
}

function open(copy?: Buffer): Store {
  const store = copy ? new Store(new Database(copy)) : memoryStore()
  onTestFinished(() => store.close())
  return store
}

function rowsOf({ db }: Store): unknown[] {
  return db.prepare('SELECT * FROM pipeline_items ORDER BY id').all()
}
