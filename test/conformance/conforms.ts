import { describe, expect, test } from 'vitest'
import type { Case } from './case.ts'
import { connectionCases } from './connection-cases.ts'
import { hearingCases } from './hearing-cases.ts'
import type { Network, Subject } from './network.ts'
import { speakingCases } from './speaking-cases.ts'

const cases = [...hearingCases, ...speakingCases, ...connectionCases]

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

function run(one: Case, { open, skips }: Subject): void {
  const reason = skips[one.title]
  test(one.title, async ({ skip }) => {
    await using network = await open()
    const { capabilities } = network.transport
    const declared = one.power === undefined || capabilities[one.power] !== 'none'
    const possible = (one.needs ?? []).every((ability) => network[ability] !== undefined)
    if (declared && possible) {
      expect(reason, 'what is declared and possible cannot be skipped').toBeUndefined()
      await one.prove(network as Required<Network>)
    } else {
      expect(reason, 'why it is not to be had').toBeDefined()
      skip(reason)
    }
  })
}
