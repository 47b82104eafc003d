import { expect, test } from 'vitest'
import { rejection } from '../../src/agents/judging/qa-verdict.ts'
import { call, openToolDesk } from './tool-desk.ts'

const body = '- [ ] It greets\n- [x] It has a test'
const both = [
  { criterion: 1, met: true, why: 'greet.ts says hello' },
  { criterion: 2, met: true, why: 'greet.test.ts' },
]

test('a verdict is stored with its run, and the criteria stand as it found them', async () => {
  const desk = await openToolDesk()
  const { item, run, token } = desk.work('qa', { body })
  const client = await desk.connect(token)
  const passed = { passed: true, reason: 'All is there.', criteria: both }
  expect((await call(client, 'report_verdict', passed)).text).toMatch(/passes/)
  expect(desk.verdicts.of(run)).toEqual(passed)
  expect(desk.pipeline.need(item).criteria.map(({ met }) => met)).toEqual([true, true])
})

test('the last verdict counts, and says what is not met to whoever mends it', async () => {
  const desk = await openToolDesk()
  const { item, run, token } = desk.work('qa', { body })
  const client = await desk.connect(token)
  await call(client, 'report_verdict', { passed: true, reason: 'Fine.', criteria: both })
  const [greets, tested] = both
  const criteria = [greets, { ...tested, met: false, why: 'the test is empty' }]
  const rejected = { passed: false, reason: 'Not tested.', criteria }
  expect((await call(client, 'report_verdict', rejected)).text).toMatch(/goes back/)
  const verdict = desk.verdicts.of(run)
  expect(verdict?.passed).toBe(false)
  const { criteria: stand } = desk.pipeline.need(item)
  expect(stand.map(({ met }) => met)).toEqual([true, false])
  expect(verdict && rejection(verdict, { criteria: stand })).toBe(
    'Not tested.\n- Criterion 2 is not met (It has a test): the test is empty',
  )
})

test.each([
  ['a criterion left out', { passed: true, criteria: both.slice(1) }, /Criterion 1 is missing/],
  [
    'one that does not exist',
    { passed: true, criteria: [...both, { criterion: 3, met: true, why: 'x' }] },
    /There is no criterion 3/,
  ],
  ['one named twice', { passed: true, criteria: [...both, ...both] }, /named twice/],
  [
    'a pass with one not met',
    { passed: true, criteria: both.map((each) => ({ ...each, met: false })) },
    /Criterion 1 is not met/,
  ],
  ['no reason', { passed: false, reason: ' ', criteria: both }, /arguments do not fit/],
])('a verdict with %s is refused as a whole', async (_, verdict, sentence) => {
  const desk = await openToolDesk()
  const { item, run, token } = desk.work('qa', { body })
  const client = await desk.connect(token)
  const answer = await call(client, 'report_verdict', { reason: 'Why.', ...verdict })
  expect(answer).toMatchObject({ failed: true, text: expect.stringMatching(sentence) })
  expect(desk.verdicts.of(run)).toBeUndefined()
  expect(desk.pipeline.need(item).criteria.map(({ met }) => met)).toEqual([false, true])
})
