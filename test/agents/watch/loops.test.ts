import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Loops } from '../../../src/agents/watch/loops.ts'
import { call } from './looks.ts'

function afterAll(...calls: ReturnType<typeof call>[]): string | undefined {
  const loops = new Loops()
  for (const events of calls) loops.observe(events)
  return loops.check()?.reason
}

const read = (path: string, content = 'x') => call('read', { path }, content)
const failing = (input: string, error: string) => call('bash', input, error, false)

test('the same call with the same result four times in a row is a loop, three times is none', () => {
  expect(afterAll(read('a'), read('a'), read('a'))).toBeUndefined()
  expect(afterAll(read('a'), read('a'), read('a'), read('b'))).toBeUndefined()
  expect(afterAll(read('a'), read('a'), read('a'), read('a'))).toBe(
    'The agent made the same call of read 4 times, always with the same result.',
  )
})

test('looking at something until it changes is no loop', () => {
  const [one, two] = [read('log', '1'), read('log', '2')]
  expect(afterAll(one, two, read('log', '3'), read('log', '4'), read('log', '5'))).toBeUndefined()
})

test('the same error three times in a row is a loop, whatever was tried', () => {
  const no = 'permission denied: /etc'
  expect(afterAll(failing('cp a', no), failing('cp b', no))).toBeUndefined()
  expect(afterAll(failing('cp a', no), read('x'), failing('cp b', no), failing('cp c', no))).toBe(
    undefined,
  )
  expect(afterAll(failing('cp a', no), failing('cp b', no), failing('cp c', no))).toBe(
    'The tool bash told the agent the same error 3 times.',
  )
})

test('three searches that find nothing fail in the same words, and are no loop', () => {
  for (const silent of ['', 'Exit code 1', 'Command exited with code: 1', '\n'])
    expect(
      afterAll(failing('grep a', silent), failing('grep b', silent), failing('grep c', silent)),
    ).toBeUndefined()
  const same = failing('grep a', 'Exit code 1')
  const again = () => failing('grep a', 'Exit code 1')
  expect(afterAll(same, again(), again())).toMatch(/same error 3 times/)
})

test('two calls by turns are a loop over six, and not before', () => {
  const [a, b] = [() => read('a'), () => read('b')]
  expect(afterAll(a(), b(), a(), b(), a())).toBeUndefined()
  expect(afterAll(read('c'), a(), b(), a(), b(), a(), b())).toBe(
    'The agent goes back and forth between the same two calls: read and read.',
  )
})

test('calls that never end, and ends of calls that nobody saw begin, are no loop', () => {
  const loops = new Loops()
  for (let count = 0; count < 20; count += 1) {
    const [start, end] = read('a')
    if (start && count % 2 === 0) loops.observe([start])
    else if (end) loops.observe([end])
  }
  expect(loops.check()).toBeUndefined()
})

test('an agent that never does the same thing twice in a row and in a pair is never stopped', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 60 })
  fc.assert(
    fc.property(steps, (numbers) => {
      // Each third call is one that was never made before.
      const calls = numbers.map((n, index) => read(index % 3 === 2 ? `new-${index}` : `${n}`))
      expect(afterAll(...calls)).toBeUndefined()
    }),
  )
})

test('a loop is found at its last step, whatever came before it', () => {
  const before = fc.array(fc.string(), { maxLength: 10 })
  fc.assert(
    fc.property(before, (paths) => {
      const loops = new Loops()
      for (const [index, path] of paths.entries()) loops.observe(read(`${index} ${path}`))
      for (let count = 1; count <= 4; count += 1) {
        expect(loops.check()).toBeUndefined()
        loops.observe(read('the same'))
      }
      expect(loops.check()).toBeDefined()
    }),
  )
})
