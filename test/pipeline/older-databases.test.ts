import { expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../../src/kernel/log.ts'
import { DocumentPipeline } from '../../src/pipeline/document/document-pipeline.ts'
import { migrate } from '../../src/store/migrations.ts'
import { Store } from '../../src/store/store.ts'
import { databaseFixtures } from '../support/database-fixtures.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { anna } from './project.ts'

const fixtures = databaseFixtures()

test.each(fixtures)('a database of schema $version is read and worked on', (fixture) => {
  const store = Store.open(':memory:')
  onTestFinished(() => store.close())
  store.db.exec(fixture.sql)
  migrate(store, 0)
  const load = () => new DocumentPipeline(store, new FakeClock(), silentLog, { maxRetries: 3 })
  const pipeline = load()
  const told = pipeline.all().map((item) => ({ item, history: pipeline.history(item.id) }))
  expect(told).toEqual(fixture.items)
  expect(pipeline.history(6)).toEqual(fixture.deleted)
  expect(pipeline.paused).toBe(true)
  pipeline.setPaused(false, anna)
  pipeline.apply(5, { type: 'unfreeze' }, anna)
  pipeline.apply(5, { type: 'unblock' }, anna)
  expect(pipeline.create({ type: 'story', name: 'A new one' }, anna).id).toBe(7)
  expect(load().all()).toEqual(pipeline.all())
})

test('the oldest schema is among them', () => {
  expect(fixtures[0]?.version).toBe('0004')
})
