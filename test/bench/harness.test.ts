import { expect, test } from 'vitest'
import { inChild } from '../../bench/src/harness.ts'
import { quantile, spread } from '../../bench/src/statistics.ts'
import { renderTable } from '../../bench/src/table.ts'

test('a measurement runs in a process of its own and hands its result back', async () => {
  const input = { subject: 'bare', commands: 3, batches: [1, 8], rounds: 2, roundMs: 5 }
  const results = await inChild<unknown, object[]>('./dispatch/measure.ts', input)
  expect(results).toMatchObject([
    { batch: 1, unanswered: 0 },
    { batch: 8, unanswered: 0 },
  ])
  expect(results[0]).toHaveProperty('perSecond.length', 2)
})

test('a measurement that fails says why', async () => {
  await expect(inChild('./dispatch/no-such-file.ts', {})).rejects.toThrow('no-such-file.ts')
})

test('a spread is the middle of the samples and their ends', () => {
  expect(spread([5, 1, 9, 3, 7])).toEqual({ median: 5, min: 1, max: 9, rounds: 5 })
  expect(quantile([1, 2, 3, 4], 0.99)).toBe(4)
})

test('the columns of a table stand under each other', () => {
  const table = {
    caption: 'Fruit',
    rows: [
      ['', 'n'],
      ['pear', '1'],
      ['fig', '1000'],
    ],
  }
  expect(renderTable(table)).toBe(
    ['Fruit', '', '         n', '----  ----', 'pear     1', 'fig   1000'].join('\n'),
  )
})
