import { Archive } from '../../src/pipeline/document/archive.ts'
import { PipelineDocument } from '../../src/pipeline/document/document.ts'
import { Journal } from '../../src/pipeline/document/journal.ts'
import { rowOf } from '../../src/pipeline/document/projection.ts'
import type { Item } from '../../src/pipeline/item.ts'
import { Store } from '../../src/store/store.ts'
import type { Program } from './program.ts'
import type { World } from './world.ts'

/** Compares what is stored with what it must say, whenever something was stored; watches spawns. */
export class Records {
  readonly #world: World
  readonly #rows
  readonly #runs
  readonly #run
  readonly #parks
  #seen = -1
  #items: readonly Item[] | undefined

  constructor(world: World) {
    const { db } = world.disk
    this.#world = world
    this.#rows = db.prepare('SELECT * FROM pipeline_items ORDER BY id')
    this.#runs = db
      .prepare<[], string>(`SELECT 'r' || number || state FROM runs WHERE state <> 'ended'`)
      .pluck()
    this.#run = db.prepare<
      [number],
      { item: number; state: string; agent: string; account: string }
    >('SELECT item, state, agent, account FROM runs WHERE number = ?')
    this.#parks = db.prepare<[string], { probe: string | null }>(
      'SELECT * FROM account_parks WHERE account = ?',
    )
    world.host.onSpawn = (run) => this.#spawned(run)
  }

  /** The document and its rows, the runs and their rows: a program and its disk say the same. */
  compare(program: Program | undefined): void {
    const { disk } = this.#world
    if (!program || disk.changes === this.#seen) return
    this.#seen = disk.changes
    const items = program.assembly.pipeline.all()
    if (items !== this.#items) this.#expectRows(items)
    this.#items = items
    const held = program.assembly.services.runs.active().map(({ id, state }) => id + state)
    const stored = this.#runs.all()
    if (held.sort().join() !== stored.sort().join())
      this.#world.breaks(`the program knows of ${held}, its disk of ${stored}`)
  }

  /** Reads the document anew from its journal: no crash may leave it apart from its rows. */
  prove(): void {
    const store = new Store(this.#world.disk.db)
    const journal = new Journal(store)
    const live = new PipelineDocument(journal.read()).items()
    const archived = [...new Archive(store).all()].map(({ item }) => item)
    this.#expectRows([...live, ...archived].sort((a, b) => a.id - b.id))
  }

  #expectRows(items: readonly Item[]): void {
    const expected = JSON.stringify(items.map(rowOf))
    const stored = JSON.stringify(this.#rows.all())
    if (expected !== stored)
      this.#world.breaks(`the document says ${expected}, its rows say ${stored}`)
  }

  /** The claim is stored before anything is spawned, and nobody else is at work there. */
  #spawned(run: string): void {
    const { disk, host, figures } = this.#world
    figures.runs++
    const claim = this.#run.get(Number(run.slice(1)))
    const env = host.launchOf(run)?.env
    const item = Number(env?.HUSKIES_ITEM)
    if (claim?.state !== 'claimed' || claim.item !== item || disk.db.inTransaction)
      this.#world.breaks(`${run} is spawned on #${item}, its claim is ${JSON.stringify(claim)}`)
    const parked = this.#parks.get(claim?.account ?? '')
    if (parked && parked.probe !== run)
      this.#world.breaks(`${run} is spawned, its account is ${JSON.stringify(parked)}`)
    const { HUSKIES_AGENT = '' } = env ?? {}
    for (const living of [
      this.#world.living('HUSKIES_ITEM', String(item)),
      this.#world.living('HUSKIES_AGENT', HUSKIES_AGENT),
    ])
      if (living.length > 1)
        this.#world.breaks(`${living} live at once, on #${item} or as ${HUSKIES_AGENT}`)
  }
}
