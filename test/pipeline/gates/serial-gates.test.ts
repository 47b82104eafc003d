import { expect, test } from 'vitest'
import { SerialGates } from '../../../src/pipeline/gates/serial-gates.ts'
import type { GateReport, Gates } from '../../../src/pipeline/gates.ts'
import { settle } from '../../support/elapse.ts'
import { green } from '../../support/fake-gates.ts'

/** Gates that go on until the test ends them. */
function held() {
  const open: { readonly key: string; end(report?: GateReport): void; fail(): void }[] = []
  const gates: Gates = {
    run: (key) =>
      new Promise((resolve, reject) => {
        open.push({
          key,
          end: (report = green) => resolve(report),
          fail: () => reject(new Error('no')),
        })
      }),
  }
  return { open, gates: new SerialGates(gates), keys: () => open.map(({ key }) => key) }
}

const never = new AbortController().signal

test('gates run once at a time in a folder, in order, and at once in another', async () => {
  const { open, gates, keys } = held()
  const first = gates.run('a', '/one', never)
  const second = gates.run('b', '/one', never)
  const third = gates.run('c', '/two', never)
  await settle()
  expect(keys()).toEqual(['a', 'c'])
  open[1]?.end()
  await third
  open[0]?.end()
  expect(await first).toEqual(green)
  await settle()
  expect(keys()).toEqual(['a', 'c', 'b'])
  open[2]?.end()
  await second
})

test('gates that fail to run do not hold up the next', async () => {
  const { open, gates, keys } = held()
  const first = gates.run('a', '/one', never)
  const second = gates.run('b', '/one', never)
  await settle()
  open[0]?.fail()
  await expect(first).rejects.toThrow('no')
  await settle()
  expect(keys()).toEqual(['a', 'b'])
  open[1]?.end()
  await second
})
