import { describe, expect, test } from 'vitest'
import { agentCli, cliNames } from '../../support/agent-clis.ts'
import { AgentPlace } from '../../support/agent-place.ts'

const installed = new Map(
  await Promise.all(cliNames.map(async (cli) => [cli, await agentCli(cli)] as const)),
)

const sell = 'echo dogs > dogs.txt && git add --all && git commit --quiet -m "Sell dogs"'

describe.for(cliNames)('%s, the real program, with a scripted model', (cli) => {
  test.skipIf(!installed.get(cli))(
    'brings an item from the backlog onto main, with our tools',
    async () => {
      const it = await AgentPlace.open(cli)
      const words = it.script.onPrompt(/# Item 1: Sell dogs/)
      // Its model is told only that there are tools.
      if (cli === 'codex') words.searches('the item; run gates')
      words.uses('item').runs(sell).uses('run_gates').says('Dogs are sold.')
      it.start()
      it.order()
      await it.heard('Item 1 is on main: Sell dogs')
      await it.finish()

      expect(it.place.git('show', 'main:dogs.txt')).toBe('dogs')
      expect(it.place.landed()).toEqual(['merge 1'])
      expect(it.place.records()).toMatchObject({ items: ['1 done'], runs: ['r1 1 ended'] })
      expect(it.place.agents()).toEqual([])
      const told = it.api.asked
        .at(-1)
        ?.messages.flatMap(({ results }) => results)
        .join('\n')
      expect(told).toContain('Each dog is a good dog.')
      expect(told).toContain('All checks passed')
    },
  )

  test.skipIf(!installed.get(cli))(
    'is killed in the middle, and goes on with its session',
    async () => {
      const it = await AgentPlace.open(cli)
      it.script
        .onPrompt(/# Go on/)
        .runs(sell)
        .says('Dogs are sold after all.')
      it.script
        .onPrompt(/# Item 1: Sell dogs/)
        .runs('printf fou%s nd')
        .runs('echo begun; sleep 600')
      it.start()
      it.order()
      await it.until(() => it.processes('sleep 600').length > 0, 'a tool is at work')
      await it.wroteDown('found')
      it.killAgent()
      await it.heard('Item 1 is on main: Sell dogs')
      await it.finish()

      expect(it.place.git('show', 'main:dogs.txt')).toBe('dogs')
      expect(it.place.records()).toMatchObject({
        items: ['1 done'],
        runs: ['r1 1 ended', 'r2 1 ended'],
      })
      // What it was asked last holds what it did before it was killed.
      expect(
        it.api.asked
          .at(-1)
          ?.messages.flatMap(({ results }) => results)
          .join(),
      ).toContain('found')
      expect(it.place.agents()).toEqual([])
    },
  )

  test.skipIf(!installed.get(cli))(
    'is stopped by a person with all its tools, whatever it thinks of signals',
    async () => {
      const it = await AgentPlace.open(cli)
      it.script.onPrompt(/# Item 1: Sell dogs/).runs('echo begun; sleep 600')
      it.start()
      it.order()
      await it.until(() => it.processes('sleep 600').length > 0, 'a tool is at work')
      it.say('stop 1')
      await it.until(() => it.place.records().items.includes('1 blocked'), 'its item is blocked')
      expect(it.place.agents()).toEqual([])
      await it.finish()
      expect(it.place.records().runs).toEqual(['r1 1 ended'])
    },
  )
})
