import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { Store } from '../../src/store/store.ts'

/** A flush that happens when the test says so. */
let flush: () => void = () => {}
let store: Store

beforeEach(() => {
  store = Store.open(':memory:', (run) => {
    flush = run
  })
  store.db.exec('CREATE TABLE notes (text TEXT UNIQUE NOT NULL) STRICT')
  onTestFinished(() => store.close())
})

const write = (text: string) => store.db.prepare('INSERT INTO notes VALUES (?)').run(text)
const notes = () => store.db.prepare('SELECT text FROM notes ORDER BY rowid').pluck().all()
const fail = (): never => {
  throw new Error('no')
}

describe('transaction', () => {
  test('stores what the work wrote, and returns what it returned', () => {
    expect(store.transaction(() => write('a').changes)).toBe(1)
    expect(notes()).toEqual(['a'])
  })

  test('stores nothing of work that throws', () => {
    expect(() =>
      store.transaction(() => {
        write('a')
        fail()
      }),
    ).toThrow('no')
    expect(notes()).toEqual([])
  })

  test('undoes an inner one alone when the outer one goes on', () => {
    store.transaction(() => {
      write('before')
      expect(() =>
        store.transaction(() => {
          write('inner')
          fail()
        }),
      ).toThrow('no')
      write('after')
    })
    expect(notes()).toEqual(['before', 'after'])
  })

  test('undoes an inner one with the outer one', () => {
    expect(() =>
      store.transaction(() => {
        store.transaction(() => write('inner'))
        fail()
      }),
    ).toThrow('no')
    expect(notes()).toEqual([])
  })
})

describe('commit', () => {
  test('runs the work of one turn together, in order, when the turn ends', async () => {
    const order: string[] = []
    const first = store.commit(() => order.push('first'))
    const second = store.commit(() => order.push('second'))
    expect(order).toEqual([])
    flush()
    expect(await Promise.all([first, second])).toEqual([1, 2])
    expect(order).toEqual(['first', 'second'])
  })

  test('undoes one failing work alone and rejects it alone', async () => {
    const good = store.commit(() => write('good'))
    const bad = store.commit(() => {
      write('bad')
      fail()
    })
    const later = store.commit(() => write('later'))
    flush()
    await expect(bad).rejects.toThrow('no')
    await Promise.all([good, later])
    expect(notes()).toEqual(['good', 'later'])
  })

  test('resolves only after the common commit', async () => {
    const stored = store.commit(() => {
      write('a')
      return store.db.inTransaction
    })
    flush()
    expect(await stored).toBe(true)
    expect(store.db.inTransaction).toBe(false)
  })

  test('rejects all works with a clear sentence when the disk is full, and stores none', async () => {
    const pages = store.db.pragma('page_count', { simple: true })
    store.db.pragma(`max_page_count = ${pages}`)
    const small = store.commit(() => write('small'))
    const large = store.commit(() => write('x'.repeat(100_000)))
    flush()
    for (const work of [small, large])
      await expect(work).rejects.toMatchObject({ code: 'disk-full' })
    expect(notes()).toEqual([])
  })

  test('is spared its savepoint where one statement is all, and still rejects alone', async () => {
    const first = store.commitUnguarded(() => write('a'))
    const twice = store.commitUnguarded(() => write('a'))
    const second = store.commitUnguarded(() => write('b'))
    flush()
    await expect(twice).rejects.toThrow('UNIQUE')
    await Promise.all([first, second])
    expect(notes()).toEqual(['a', 'b'])
  })

  test('is finished by closing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'store-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'notes.db')
    const first = Store.open(file, () => {})
    first.db.exec('CREATE TABLE notes (text TEXT) STRICT')
    const stored = first.commit(() => first.db.exec(`INSERT INTO notes VALUES ('kept')`))
    first.close()
    await stored
    const second = Store.open(file)
    onTestFinished(() => second.close())
    expect(second.db.prepare('SELECT text FROM notes').pluck().all()).toEqual(['kept'])
  })
})

describe('what leaves the process', () => {
  test('leaves after the outermost commit only, in order', () => {
    const left: string[] = []
    store.transaction(() => {
      store.transaction(() => store.afterCommit(() => left.push('inner')))
      store.afterCommit(() => left.push(`outer ${store.db.inTransaction}`))
      expect(left).toEqual([])
    })
    expect(left).toEqual(['inner', 'outer false'])
  })

  test('never leaves when its transaction is undone, and every undo runs, the last first', () => {
    const happened: string[] = []
    expect(() =>
      store.transaction(() => {
        store.onRollback(() => happened.push('undo outer'))
        store.transaction(() => {
          store.afterCommit(() => happened.push('left'))
          store.onRollback(() => happened.push('undo inner'))
        })
        fail()
      }),
    ).toThrow('no')
    expect(happened).toEqual(['undo inner', 'undo outer'])
  })

  test('leaves without those of an inner transaction that was undone', () => {
    const happened: string[] = []
    store.transaction(() => {
      store.afterCommit(() => happened.push('outer left'))
      store.onRollback(() => happened.push('undo outer'))
      expect(() =>
        store.transaction(() => {
          store.afterCommit(() => happened.push('inner left'))
          store.onRollback(() => happened.push('undo inner'))
          fail()
        }),
      ).toThrow('no')
    })
    expect(happened).toEqual(['undo inner', 'outer left'])
  })

  test('leaves at once when no transaction is open', () => {
    const left: string[] = []
    store.afterCommit(() => left.push('now'))
    expect(left).toEqual(['now'])
  })
})
