import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLog } from '../../../src/kernel/log.ts'
import { Problem } from '../../../src/kernel/problem.ts'
import type { DocumentPipeline } from '../../../src/pipeline/document/document-pipeline.ts'
import { type Item, itemTypes, priorities, qaModes } from '../../../src/pipeline/item.ts'
import type { StageEvent } from '../../../src/pipeline/stage.ts'
import { anna, project } from '../project.ts'
import { events } from '../samples.ts'

type Project = ReturnType<typeof project>

/** The table as it stands, its JSON read. */
function rows({ store }: Project) {
  const all = store.db.prepare('SELECT * FROM pipeline_items ORDER BY id').all()
  return (all as Record<string, unknown>[]).map((row) => ({
    ...row,
    stage_json: JSON.parse(String(row.stage_json)),
    depends_on: JSON.parse(String(row.depends_on)),
    origin: JSON.parse(String(row.origin)),
  }))
}

/** What the table should say of an item, said independently of the program. */
function expectedRow(item: Item) {
  const { stage } = item
  const retries = 'retries' in stage ? stage.retries : 'attempts' in stage ? stage.attempts : 0
  return {
    id: item.id,
    type: item.type,
    name: item.name,
    stage: stage.kind,
    stage_json: stage,
    pipeline: expect.stringMatching(/^(backlog|coding|qa|merge|done|closed|archived)$/),
    status: expect.any(String),
    agent: item.agent ?? null,
    retry_count: retries,
    returns: item.returns,
    depends_on: item.dependsOn,
    epic: item.epic ?? null,
    qa: item.qa ?? null,
    priority: item.priority,
    origin: item.origin,
    generation: item.generation,
    created: item.created,
    updated: item.updated,
  }
}

type Deed = (pipeline: DocumentPipeline) => void

const number = fc.integer({ min: 1, max: 6 })
const patch = fc.record(
  {
    name: fc.constantFrom('Greet', 'Wave', '', 'two\nlines'),
    body: fc.constantFrom('', '- [ ] hello', '- [x] hello\n- [ ] bye'),
    agent: fc.constantFrom('rex', 'fido', null),
    qa: fc.constantFrom(...qaModes, null),
    priority: fc.constantFrom(...priorities),
    dependsOn: fc.array(number, { maxLength: 3 }),
    epic: fc.option(number, { nil: null }),
  },
  { requiredKeys: [] },
)
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.tuple(fc.constantFrom(...itemTypes), patch).map(([type, { agent, qa, epic, ...fields }]) => {
    const draft = {
      type,
      name: 'New',
      ...fields,
      ...(agent ? { agent } : {}),
      ...(qa ? { qa } : {}),
      ...(epic ? { epic } : {}),
    }
    return (pipeline: DocumentPipeline) => void pipeline.create(draft, anna)
  }),
  fc.tuple(number, patch).map(([id, fields]) => (pipeline: DocumentPipeline) => {
    pipeline.edit(id, fields, anna)
  }),
  fc.tuple(number, fc.constantFrom<StageEvent>(...Object.values(events))).map(
    ([id, event]) =>
      (pipeline: DocumentPipeline) =>
        void pipeline.apply(id, event, anna),
  ),
  fc.tuple(number, fc.boolean()).map(([id, met]) => (pipeline: DocumentPipeline) => {
    pipeline.check(id, 1, met, anna)
  }),
  number.map((id) => (pipeline: DocumentPipeline) => pipeline.delete(id, anna)),
)

/** What happens to a deed: it is done, or rolled back with everything that its transaction did. */
const fate = fc.constantFrom('done', 'done', 'done', 'rolled back')

test('L42: after any history, with rollbacks and restarts, every row says what its item says', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(deed, fate), { maxLength: 40 }), (life) => {
      const started = project()
      const { store, clock, load } = started
      const { pipeline } = started
      for (const [act, end] of life) {
        clock.advance(1)
        const before = pipeline.all()
        try {
          store.transaction(() => {
            act(pipeline)
            if (end === 'rolled back') throw new Problem('rolled-back', 'Say it again.')
          })
        } catch (error) {
          if (!(error instanceof Problem)) throw error
          expect(pipeline.all()).toEqual(before)
        }
      }
      expect(rows(started)).toEqual(pipeline.all().map(expectedRow))
      const reloaded = load()
      expect(reloaded.all()).toEqual(pipeline.all())
      for (const { id, dependsOn, stage } of pipeline.all()) {
        expect(reloaded.history(id)).toEqual(pipeline.history(id))
        if (!pipeline.live().some((item) => item.id === id)) continue
        expect(pipeline.inStage(stage.kind).map((item) => item.id)).toContain(id)
        for (const on of dependsOn)
          expect(pipeline.dependents(on).map((item) => item.id)).toContain(id)
      }
      store.close()
    }),
    { numRuns: 80 },
  )
})

test('L42: column and badge in the table are those of the board', () => {
  const started = project()
  const { pipeline } = started
  pipeline.create({ type: 'story', name: 'Greet' }, anna)
  pipeline.apply(1, events.start, anna)
  pipeline.apply(1, events.freeze, anna)
  expect(rows(started)).toMatchObject([{ stage: 'frozen', pipeline: 'coding', status: 'frozen' }])
})

test.each([
  'UPDATE live_items SET agent = NULL',
  'UPDATE live_items SET retry_count = 7',
  "UPDATE live_items SET depends_on = '[4]'",
  "UPDATE live_items SET name = 'stale'",
  'DELETE FROM live_items',
  'INSERT INTO live_items SELECT 9, * FROM (SELECT type, name, stage, stage_json, pipeline, status, agent, retry_count, returns, depends_on, epic, qa, priority, origin, generation, created, updated FROM live_items)',
])('L42: a table that has drifted is found at the start, rebuilt and reported: %s', (drift) => {
  const started = project()
  const { pipeline, store, load } = started
  pipeline.create({ type: 'story', name: 'Greet', agent: 'rex' }, anna)
  store.db.exec(drift)
  const lines: string[] = []
  const log = createLog({ write: (line) => void lines.push(line) })
  load(log)
  expect(lines.join()).toContain('was rebuilt')
  expect(rows(started)).toEqual(pipeline.all().map(expectedRow))
  load(log)
  expect(lines).toHaveLength(1)
})
