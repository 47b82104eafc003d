import { expect, test } from 'vitest'
import { GateRecords } from '../../../src/pipeline/gates/gate-records.ts'
import { green, red } from '../../support/fake-gates.ts'
import { project } from '../project.ts'

test('The last verdict on an item is there after a restart; the one before it is not.', () => {
  const { store, clock } = project()
  const records = new GateRecords(store, clock)
  expect(records.of(1)).toBeUndefined()
  records.keep(1, { place: 'branch', tree: 'one' }, green)
  clock.advance(500)
  records.keep(1, { place: 'merge', tree: 'two' }, { ...red('lint', 'a tab'), durationMs: 20.4 })
  expect(new GateRecords(store, clock).of(1)).toEqual({
    ...{ place: 'merge', tree: 'two', passed: false, step: 'the lint', output: 'a tab' },
    ...{ durationMs: 20, at: 1_500 },
  })
  expect(records.of(2)).toBeUndefined()
})

test('Of a long output head and tail are kept, with how much is missing.', () => {
  const { store, clock } = project()
  const records = new GateRecords(store, clock)
  const output = `begin\n${'é'.repeat(100_000)}\nend`
  records.keep(1, { place: 'branch', tree: 'one' }, { passed: true, output, durationMs: 1 })
  const kept = records.of(1)?.output ?? ''
  expect(kept).toMatch(/^begin\né+.*\n\[\.\.\. \d+ bytes left out \.\.\.\]\n.*é+\nend$/s)
  expect(Buffer.byteLength(kept)).toBeLessThan(17_000)
})
