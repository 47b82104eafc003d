import type { Statement } from 'better-sqlite3'
import type { Store } from '../../store/store.ts'
import type { Transition } from '../pipeline.ts'
import type { StageKind } from '../stage.ts'
import type { Asker, Entrust } from './errand.ts'

/** A command that is said when an item comes into a stage. */
export interface Trigger {
  /** Counts up from 1; never given twice. */
  readonly id: number
  readonly item: number
  readonly stage: StageKind
  readonly command: string
  /** Each time, up to `mostTimes`; else once. */
  readonly always: boolean
  /** How often it has happened. */
  readonly times: number
  readonly asker: Asker
}

/** So often a trigger happens at most: one whose command leads back to its own cause comes to an end. */
export const mostTimes = 10

interface Row extends Omit<Trigger, 'always' | 'asker'> {
  readonly always: number
  readonly asker: string
}

/** The triggers, durably. Each method is part of the caller's transaction. */
export class Triggers {
  readonly #insert: Statement<[number, string, string, number, string], Row>
  readonly #remove: Statement<[number]>
  readonly #removeOf: Statement<[number]>
  readonly #count: Statement<[number, number]>
  readonly #all: Statement<[], Row>
  readonly #due: Statement<[number, string], Row>

  constructor({ db }: Store) {
    this.#insert = db.prepare(
      'INSERT INTO triggers (item, stage, command, always, asker) VALUES (?, ?, ?, ?, ?) RETURNING *',
    )
    this.#remove = db.prepare('DELETE FROM triggers WHERE id = ?')
    this.#removeOf = db.prepare('DELETE FROM triggers WHERE item = ?')
    this.#count = db.prepare('UPDATE triggers SET times = ? WHERE id = ?')
    this.#all = db.prepare('SELECT * FROM triggers ORDER BY id')
    this.#due = db.prepare('SELECT * FROM triggers WHERE item = ? AND stage = ? ORDER BY id')
  }

  add({ item, stage, command, always, asker }: Omit<Trigger, 'id' | 'times'>): Trigger {
    const row = this.#insert.get(item, stage, command, always ? 1 : 0, JSON.stringify(asker))
    if (!row) throw new Error('a trigger was not stored')
    return asTrigger(row)
  }

  /** By number. */
  all(): Trigger[] {
    return this.#all.all().map(asTrigger)
  }

  /** False where there is none of this number. */
  remove(id: number): boolean {
    return this.#remove.run(id).changes > 0
  }

  /** A witness: entrusts the commands of the triggers that this change sets off. */
  follow({ item, entry }: Transition, entrust: Entrust): void {
    if (entry.event === 'delete') this.#removeOf.run(item.id)
    if (entry.from === entry.to || entry.to === undefined) return
    for (const row of this.#due.all(item.id, entry.to)) this.#setOff(asTrigger(row), entrust)
  }

  #setOff(trigger: Trigger, entrust: Entrust): void {
    const { id, item, stage, command, always, asker } = trigger
    const time = trigger.times + 1
    const exhausted = always && time >= mostTimes
    if (!always || exhausted) this.#remove.run(id)
    else this.#count.run(time, id)
    entrust({ asker, command, cause: { kind: 'trigger', id, item, stage, time, exhausted } })
  }
}

function asTrigger({ always, asker, ...row }: Row): Trigger {
  return { ...row, always: always === 1, asker: JSON.parse(asker) }
}
