import { expect, it } from 'vitest'
import { agentEnvironment } from '../../src/agents/environment.ts'
import { factVariables } from '../../src/agents/orders/facts.ts'
import type { RunOrder } from '../../src/agents/runtime.ts'
import { ShellRuntime } from '../../src/agents/runtimes/shell.ts'
import { projectSettings } from '../../src/pipeline/settings.ts'

function runtimeOf(command?: string | string[]): ShellRuntime {
  const [agent] = projectSettings.parse({ agent: [{ name: 'ann', command }] }).agent
  if (!agent) throw new Error('no agent was read')
  return new ShellRuntime(agent, { PATH: '/bin' })
}

const order: RunOrder = {
  run: 'r1',
  directory: '/worktrees/item-1',
  prompt: 'Do it.\n',
  unattended: false,
  facts: { HUSKIES_ITEM: '1' },
}

it('starts the program in the worktree, with the prompt on standard input', () => {
  expect(runtimeOf(['agent', '--fast']).launch(order)).toEqual({
    command: 'agent',
    args: ['--fast'],
    cwd: '/worktrees/item-1',
    env: { PATH: '/bin', HUSKIES_ITEM: '1' },
    stdin: 'Do it.\n',
  })
})

it.each([
  ['script/agent', '/worktrees/item-1/script/agent'],
  ['./agent', '/worktrees/item-1/agent'],
  ['/opt/agent', '/opt/agent'],
  ['agent', 'agent'],
])('looks for %s where a person would: %s', (written, command) => {
  expect(runtimeOf(written).launch(order).command).toBe(command)
})

it('says what to do where the agent has no command', () => {
  expect(() => runtimeOf().launch(order)).toThrow('add command = ["PROGRAM"] to it in project.toml')
})

it.each([
  [0, { kind: 'completed' }],
  [3, { kind: 'failed', reason: "The agent's program ended with exit code 3." }],
  [undefined, { kind: 'interrupted' }],
])('takes exit code %s for its outcome', (code, outcome) => {
  expect(runtimeOf('agent').reader().outcome(code, 0)).toEqual(outcome)
})

it('gives an agent nothing of the environment but what programs need, and no secret', () => {
  const machine = { PATH: '/bin', HOME: '/home/anna', LANG: undefined, API_TOKEN: 'secret' }
  expect(agentEnvironment(machine, undefined)).toEqual({
    TERM: 'dumb',
    PATH: '/bin',
    HOME: '/home/anna',
  })
  expect(agentEnvironment({}, { name: 'Anna', email: 'anna@example.org' })).toEqual({
    TERM: 'dumb',
    GIT_AUTHOR_NAME: 'Anna',
    GIT_AUTHOR_EMAIL: 'anna@example.org',
    GIT_COMMITTER_NAME: 'Anna',
    GIT_COMMITTER_EMAIL: 'anna@example.org',
  })
})

it('bounds each fact, between characters, and leaves out what no variable can hold', () => {
  const facts = factVariables({
    run: {
      id: 'r1',
      item: 1,
      agent: 'ann',
      role: 'coder',
      account: 'shell',
      state: 'claimed',
      token: 1,
      attempt: 1,
      offset: 0,
      startedAt: 0,
    },
    item: {
      id: 1,
      type: 'story',
      name: 'nothing\0hidden',
      body: `x${'é'.repeat(100_000)}`,
      criteria: [],
      stage: { kind: 'coding', retries: 0 },
      priority: 'normal',
      dependsOn: [],
      origin: { kind: 'system', id: 'test' },
      generation: 1,
      returns: 0,
      created: 0,
      updated: 0,
    },
    branch: 'feature/item-1',
    baseBranch: 'main',
  })
  expect(facts.HUSKIES_ITEM_NAME).toBe('nothinghidden')
  expect(facts.HUSKIES_ITEM_BODY).toBe(`x${'é'.repeat(16_383)}`)
})
