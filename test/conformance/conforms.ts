import { describe, expect, test } from 'vitest'
import { type Case, cases } from './cases.ts'
import type { Subject } from './network.ts'

/** Runs every case for a transport. What it declares must be proven; the rest must say why not. */
export function conforms(subject: Subject): void {
  describe(`${subject.name} keeps the contract of a transport`, () => {
    for (const one of cases) run(one, subject)
    test('every reason for a skip belongs to a case', () => {
      const titles = cases.map(({ title }) => title)
      expect(titles).toEqual(expect.arrayContaining(Object.keys(subject.skips)))
    })
  })
}

function run({ title, power, prove }: Case, subject: Subject): void {
  const reason = subject.skips[title]
  if (reason !== undefined && power === undefined) {
    test.skip(`${title} (skipped: ${reason})`)
    return
  }
  test(title, async ({ skip }) => {
    await using network = subject.open()
    if (power && network.transport.capabilities[power] === 'none') {
      expect(reason, 'why it has not this power').toBeDefined()
      skip(reason)
    }
    expect(reason, 'a power that is declared cannot be skipped').toBeUndefined()
    await prove(network)
  })
}
