import { expect, it } from 'vitest'
import { type QaVerdict, Verdicts } from '../../src/agents/judging/qa-verdict.ts'
import { ShellRuntime } from '../../src/agents/runtimes/shell.ts'
import type { AgentSettings } from '../../src/pipeline/settings.ts'
import { diligent, type Script, World } from './world.ts'

const criteria = [{ criterion: 1, met: true, why: 'greet.ts' }]
const passed: QaVerdict = { passed: true, reason: 'All is there.', criteria }
const rejected: QaVerdict = {
  ...{ passed: false, reason: 'It does not greet.' },
  criteria: [{ criterion: 1, met: false, why: 'greet.ts is empty' }],
}

/** A coder, and a qa agent whose program can report: its k-th run reports the k-th of these. */
function project(reports: readonly (QaVerdict | undefined)[], exitCode = 0) {
  let reviews = 0
  const script: Script = (agent, item, count, world) => {
    const { runs, store } = world.program
    const run = runs.activeOf(item)
    if (run?.role !== 'qa') return diligent(agent, item, count, world)
    const verdict = reports[reviews++]
    agent.say('reviewing\n')
    agent.after(50, () => {
      if (verdict) new Verdicts(store).keep(run, verdict)
      agent.exit(exitCode)
    })
  }
  const createRuntime = (agent: AgentSettings) => {
    const shell = new ShellRuntime(agent, {})
    return { name: 'reports', launch: shell.launch.bind(shell), reader: shell.reader.bind(shell) }
  }
  const agents = [{ name: 'ann' }, { name: 'quinn', stage: 'qa' }]
  const world = new World({ agents, script, createRuntime })
  const { pipeline } = world.start()
  const { id } = world.story({ qa: 'agent', body: '- [ ] It greets' })
  return { world, reviews: () => reviews, item: () => pipeline.need(id), pipeline }
}

it.each([0, 1])('a pass counts, whatever the exit code is (%i)', async (exitCode) => {
  const { world, item } = project([passed], exitCode)
  await world.until(() => item().stage.kind === 'merge')
})

it('a rejection goes back to a coder with the reason and what is not met', async () => {
  const { world, item, reviews } = project([rejected, passed])
  await world.until(() => item().returns === 1)
  expect(item().stage).toMatchObject({
    kind: 'coding',
    failure: 'It does not greet.\n- Criterion 1 is not met (It greets): greet.ts is empty',
  })
  await world.until(() => item().stage.kind === 'merge')
  expect(reviews()).toBe(2)
})

it.each([0, 1])('a run without a verdict is no verdict: it is run again (%i)', async (exitCode) => {
  const { world, item, reviews } = project([undefined, undefined, passed], exitCode)
  await world.until(() => item().stage.kind === 'merge')
  expect(reviews()).toBe(3)
  expect(item().returns).toBe(0)
})

it('does not go on without a verdict for ever', async () => {
  const { world, item, reviews } = project([])
  await world.until(() => item().stage.kind === 'blocked')
  expect(reviews()).toBe(4)
  expect(item().stage).toMatchObject({
    reason: expect.stringContaining('quinn came to no verdict 4 times in a row'),
  })
})
