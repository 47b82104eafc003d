import fc from 'fast-check'
import { expect, test } from 'vitest'
import { belonging, noMemory } from '../../src/processes/belonging.ts'
import type { ProcessEntry } from '../../src/processes/process-table.ts'
import { SimulatedMachine } from '../support/simulated-machine.ts'

const anyEvent = fc.record({
  what: fc.constantFrom('fork', 'fork', 'fork', 'exit', 'setsid', 'clear', 'orphan', 'hide'),
  // Which of the living processes it happens to.
  who: fc.nat(),
  looked: fc.boolean(),
})
const pidOf = (entry: ProcessEntry) => entry.pid
const anyHistory = fc.array(anyEvent, { minLength: 1, maxLength: 120 })

test('L02: a kill only ever finds what descends from the run, whatever was looked at before', () => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      const machine = new SimulatedMachine()
      let memory = machine.startRun()
      for (const { what, who, looked } of history) {
        machine.happen(what, who)
        if (!looked) continue
        const found = belonging(machine.snapshot(), 'r1', memory, machine.self)
        memory = found.memory

        const pids = found.members.map(pidOf)
        const inGroups = machine.living.filter((each) => found.groups.includes(each.group))
        expect(pids.filter((pid) => !machine.isOfRun(pid))).toEqual([])
        expect(inGroups.map(pidOf).filter((pid) => !machine.isOfRun(pid))).toEqual([])
        expect(
          machine.living.filter((each) => each.runs.length && !pids.includes(each.pid)),
        ).toEqual([])
        expect(found.unverified.filter((pid) => pids.includes(pid))).toEqual([])
      }
    }),
    { numRuns: 500 },
  )
})

test('whatever descends from the run is found, if a look came before and after every end', () => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      const machine = new SimulatedMachine()
      let memory = machine.startRun()
      const look = () => {
        const found = belonging(machine.snapshot(), 'r1', memory, machine.self)
        memory = found.memory
        return found.members.map(pidOf)
      }
      for (const { what, who, looked } of history) {
        const end = what === 'exit' || what === 'orphan'
        if (end) look()
        machine.happen(what, who)
        if (end || looked) expect(look()).toEqual(machine.living.map(pidOf).filter(machine.isOfRun))
      }
    }),
    { numRuns: 500 },
  )
})

test('the order in which processes are listed makes no difference', () => {
  fc.assert(
    fc.property(anyHistory, fc.integer(), (history, seed) => {
      const machine = new SimulatedMachine()
      const memory = machine.startRun()
      for (const { what, who } of history) machine.happen(what, who)
      const snapshot = machine.snapshot()
      const mixed = snapshot.toSorted((a, b) => ((a.pid * seed) % 97) - ((b.pid * seed) % 97))
      const pidsIn = (entries: readonly ProcessEntry[]) =>
        belonging(entries, 'r1', memory, machine.self).members.map(pidOf).toSorted()
      expect(pidsIn(mixed)).toEqual(pidsIn(snapshot))
    }),
  )
})

const process = (pid: number, more: Partial<ProcessEntry> = {}): ProcessEntry => {
  const family = { parent: 1, group: pid, session: pid }
  return { pid, ...family, startTime: pid, name: 'p', runs: [], hidden: false, ...more }
}
const self = 10
const machine = [process(1), process(self), process(20, { parent: self })]
const found = (entries: readonly ProcessEntry[], memory = noMemory) => {
  const { members, unverified } = belonging([...machine, ...entries], 'r1', memory, self)
  return { members: members.map(pidOf), unverified }
}

test('neither this program nor the first process is found, whatever they carry', () => {
  const runs = ['r1']
  const disguised = [
    process(1, { runs }),
    process(self, { runs }),
    process(11, { session: self, runs }),
  ]
  expect(belonging(disguised, 'r1', noMemory, self).members).toEqual([])
})

test("a person's session is not taken because something in it carries a marker", () => {
  const shell = process(30)
  const copied = process(31, { parent: 30, session: 30, runs: ['r1'] })
  const editor = process(32, { parent: 30, session: 30 })
  const now = belonging([...machine, shell, copied, editor], 'r1', noMemory, self)
  expect(now.members.map(pidOf)).toEqual([31])
  expect(now.groups).toEqual([])
  // Not even when its shell has ended since.
  expect(found([editor], now.memory).members).toEqual([])
})

test('a session whose maker is gone is known by any member in it', () => {
  const marked = process(71, { session: 70, runs: ['r1'] })
  expect(found([process(69, { session: 70 }), marked]).members).toEqual([71, 69])
})

test('a session or pid that was used again is a stranger', () => {
  const memory = { born: 5, members: [{ pid: 40, startTime: 39 }], sessions: [40] }
  expect(found([process(40), process(41, { parent: 40, session: 40 })], memory).members).toEqual([])
})

test('sessions that cannot be seen from here are not taken for one session', () => {
  const unseen = [process(50, { session: 0, runs: ['r1'] }), process(51, { session: 0 })]
  expect(found(unseen).members).toEqual([50])
})

test('a process that hides its environment is doubtful only if it may come from the run', () => {
  const marked = process(60, { runs: ['r1'] })
  const hidden = { hidden: true }
  expect(found([marked, process(61, hidden)])).toEqual({ members: [60], unverified: [61] })
  // It is older than the run.
  expect(found([marked, process(59, hidden)]).unverified).toEqual([])
  // It descends from the maker of its session, and who that is can be seen.
  expect(found([marked, process(62, { ...hidden, session: 20 })]).unverified).toEqual([])
  // Whoever made its session is gone, or hides as well.
  expect(found([marked, process(63, { ...hidden, session: 5 })]).unverified).toEqual([63])
  // It is the run's own, so that there is no doubt.
  expect(found([marked, process(64, { ...hidden, parent: 60 })])).toEqual({
    members: [60, 64],
    unverified: [],
  })
  // Nothing was ever seen of the run.
  expect(found([process(61, hidden)]).unverified).toEqual([])
})
