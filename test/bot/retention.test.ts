import { expect, onTestFinished, test } from 'vitest'
import { StoredInbox } from '../../src/bot/inbox.ts'
import type { IncomingMessage } from '../../src/bot/message.ts'
import { StoredOutbox } from '../../src/bot/outbox.ts'
import { ChatRetention } from '../../src/bot/retention.ts'
import type { Store } from '../../src/store/store.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { memoryStore } from '../support/memory-store.ts'

const place = { transport: 'matrix', room: 'r' }
const message = (eventId: string, at: number): IncomingMessage => ({
  ...{ ...place, eventId, at, text: `secret ${eventId}`, direct: true, addressed: true },
  sender: { id: 'matrix:anna', name: 'Anna' },
})

function open() {
  const store = memoryStore()
  onTestFinished(() => store.close())
  const clock = new FakeClock(1_000)
  const inbox = new StoredInbox(store)
  const outbox = new StoredOutbox(store, clock)
  return { store, clock, inbox, outbox, retention: new ChatRetention(store) }
}

/** Every text and name that is kept. */
const kept = ({ db }: Store) =>
  db
    .prepare('SELECT text FROM inbox UNION ALL SELECT text FROM outbox')
    .pluck()
    .all()
    .filter((text) => text !== '')

test('texts of what is done with and old go, with the names of people; all else stays', async () => {
  const { store, clock, inbox, outbox, retention } = open()
  const old = await inbox.accept(message('old', 1_000))
  await inbox.accept(message('unanswered', 1_000))
  const young = await inbox.accept(message('young', 5_000))
  for (const entry of [old, young]) if (entry) inbox.done(entry.id)
  outbox.sent(outbox.enqueue({ ...place, text: 'old reply', choices: [{ label: 'Yes' }] }), 'm1')
  outbox.enqueue({ ...place, text: 'unsent reply' })
  await clock.advance(4_000)
  outbox.sent(outbox.enqueue({ ...place, text: 'young reply' }), 'm2')
  expect(retention.forget(5_000, 100)).toBe(2)
  expect(kept(store)).toEqual(['secret unanswered', 'secret young', 'unsent reply', 'young reply'])
  expect(retention.forget(5_000, 100)).toBe(0)
  expect(
    store.db.prepare("SELECT count(*) FROM inbox WHERE sender_name = 'Anna'").pluck().get(),
  ).toBe(2)
})

test('a message whose text is forgotten is still known, so that it never runs twice', async () => {
  const { inbox, retention } = open()
  const entry = await inbox.accept(message('e1', 1_000))
  if (entry) inbox.done(entry.id)
  retention.forget(9_000, 100)
  expect(await inbox.accept(message('e1', 1_000))).toBeUndefined()
  expect(inbox.unfinished()).toEqual([])
})

test('a reply whose text is forgotten is never said again, and can still be replaced', () => {
  const { outbox, retention } = open()
  const id = outbox.enqueue({ ...place, text: 'hello', key: 'k' })
  outbox.sent(id, 'm1')
  retention.forget(9_000, 100)
  expect(outbox.enqueue({ ...place, text: 'hello', key: 'k' })).toBe(id)
  expect(outbox.unfinished()).toEqual([])
  outbox.edit(id, 'hello again')
  expect(outbox.unfinished()).toMatchObject([{ edits: 'm1' }])
})

test('no more is forgotten at a time than asked for, found without reading all the rest', async () => {
  const { store, inbox, retention } = open()
  for (let n = 0; n < 30; n += 1) {
    const entry = await inbox.accept(message(`e${n}`, 1_000))
    if (entry) inbox.done(entry.id)
  }
  expect([retention.forget(2_000, 20), retention.forget(2_000, 20)]).toEqual([20, 10])
  const plan = store.db
    .prepare(
      `EXPLAIN QUERY PLAN SELECT id FROM inbox
       WHERE state = 'done' AND text <> '' AND sent_at < 1 LIMIT 1`,
    )
    .all()
  expect(JSON.stringify(plan)).toContain('inbox_texts')
})
