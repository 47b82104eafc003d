import { expect, test } from 'vitest'
import { Spending } from '../../src/agents/money/spending.ts'
import type { AgentEvent } from '../../src/agents/runtime.ts'
import { openDesk } from './desk.ts'

const cost = (usd: number): AgentEvent => ({ type: 'cost', usd })
const tokens: AgentEvent = {
  type: 'usage',
  ...{ input: 100_000, output: 0, cacheRead: 0, cacheWrite: 0 },
}

function desk() {
  const opened = openDesk()
  const { runs, crew, clock } = opened
  /** An agent that has worked on an item, and what it told of its money. */
  const work = (item: number, agent: string, ...events: AgentEvent[]) => {
    const run = runs.claim({
      ...{ item, agent, role: 'coder', attempt: 1 },
      ...{ account: 'claude-code/team' },
    })
    const spending = new Spending('claude-sonnet-4-5')
    spending.observe(events)
    crew.ledger.record(run, spending)
    clock.advance(120_000)
    return run
  }
  return { ...opened, work }
}

test('cost tells what the last 24 hours have cost, by item and by agent, estimates marked', async () => {
  const { say, sayAll, runs, clock, work } = desk()
  await sayAll('story Long ago', 'story One', 'story Two')
  runs.end(work(1, 'coder-1', cost(40)))
  clock.advance(86_400_000)
  runs.end(work(2, 'coder-1', cost(1.25)))
  runs.end(work(2, 'coder-1', cost(0.5), tokens))
  work(3, 'coder-2', cost(3))
  expect(await say('cost')).toMatchInlineSnapshot(`
    "The last 24 hours have cost ~$5.05, $0.30 of it estimated from tokens and list prices.

    **Most expensive items**
    - #3 Two: $3.00
    - #2 One: ~$2.05

    **By agent and model**
    - coder-2 (claude-sonnet-4-5, claude-code/team): $3.00, 1 run
    - coder-1 (claude-sonnet-4-5, claude-code/team): ~$2.05, 2 runs"
  `)
})

test('cost of an item tells of each of its runs', async () => {
  const { say, sayAll, runs, work } = desk()
  await sayAll('story One', 'story Two')
  runs.end(work(1, 'coder-1', cost(1.25)))
  runs.end(work(1, 'coder-2', tokens))
  expect(await say('cost 1')).toMatchInlineSnapshot(`
    "#1 One has cost ~$1.55, $0.30 of it estimated from tokens and list prices.

    - 1970-01-01 00:02 UTC, 2 min, coder-2 (claude-sonnet-4-5, claude-code/team): ~$0.30
    - 1970-01-01 00:00 UTC, 2 min, coder-1 (claude-sonnet-4-5, claude-code/team): $1.25"
  `)
  expect(await say('cost 2')).toBe('Item 2 has cost nothing so far.')
  expect(await say('cost 9')).toMatch(/There is no item 9/)
})

test('nothing spent is said in a sentence, and what was deleted has been paid for all the same', async () => {
  const { say, sayAll, runs, work } = desk()
  expect(await say('cost')).toBe('Nothing was spent in the last 24 hours.')
  await sayAll('story One')
  runs.end(work(1, 'coder-1', cost(0.004)))
  await sayAll('delete 1', 'yes')
  expect(await say('cost')).toContain('- #1, which was deleted: $0.004')
})

test('the board, the item and the agents show what was spent', async () => {
  const { say, sayAll, work } = desk()
  await sayAll('story One', 'story Two', 'start 1')
  work(1, 'coder-2', cost(1), tokens)
  expect(await say('status')).toContain('**#1** One · ~$1.30 · coder-2')
  expect(await say('status')).toContain('**#2** Two\n')
  expect(await say('status 1')).toContain('It has cost ~$1.30 so far: `cost 1`.')
  expect(await say('status 2')).not.toContain('cost')
  expect(await say('agents')).toContain('for 2 min, has cost ~$1.30')
})
