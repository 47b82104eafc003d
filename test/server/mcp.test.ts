import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toolsOfRole } from '../../src/agents/tools/names.ts'
import { red } from '../support/fake-gates.ts'
import { until } from '../support/until.ts'
import { call, openToolDesk } from './tool-desk.ts'

const body = 'Say hello.\n\n- [ ] It greets\n- [ ] It has a test'

test('L58: a real client lists the tools of its role, and no others', async () => {
  const desk = await openToolDesk()
  for (const role of ['coder', 'qa', 'mergemaster', 'other'] as const) {
    const client = await desk.connect(desk.work(role).token)
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name).sort(), role).toEqual([...toolsOfRole[role]].sort())
    for (const { description } of tools) expect(description).toMatch(/^[A-Z].+\.$/)
  }
})

test('an agent reads its item and ticks a criterion of it, under its own name', async () => {
  const desk = await openToolDesk()
  const { item, run, token } = desk.work('coder', { name: 'A greeting', body })
  const client = await desk.connect(token)
  const { text } = await call(client, 'item')
  expect(text).toContain('# Item 1: A greeting')
  expect(text).toContain('2. open: It has a test')
  expect(text).toMatch(/create by Anna/)
  expect(await call(client, 'tick_criterion', { criterion: 2 })).toEqual({
    text: '1. open: It greets\n2. met: It has a test',
    failed: false,
  })
  expect(desk.pipeline.need(item).criteria.map(({ met }) => met)).toEqual([false, true])
  expect(desk.pipeline.history(item).at(-1)?.by).toEqual({
    ...{ kind: 'run', id: run.id, name: run.agent },
  })
})

test('what an agent gets wrong is a sentence for it, and changes nothing', async () => {
  const desk = await openToolDesk()
  const client = await desk.connect(desk.work('coder', { body }).token)
  expect(await call(client, 'tick_criterion', { criterion: 7 })).toMatchObject({ failed: true })
  expect(await call(client, 'tick_criterion', { criterion: 'one' })).toMatchObject({
    text: expect.stringContaining('The arguments do not fit'),
    failed: true,
  })
  expect(await call(client, 'report_verdict', { passed: true })).toEqual({
    text: 'There is no tool "report_verdict" for you.',
    failed: true,
  })
})

test('the gates answer in the call that asked for them, green or red', async () => {
  const desk = await openToolDesk()
  const client = await desk.connect(desk.work().token)
  expect((await call(client, 'run_gates')).text).toBe('All checks passed, in 0 s.')
  desk.gates.judge = () => red('test', 'expected 1 to be 2')
  const { text, failed } = await call(client, 'run_gates')
  expect(text).toBe('the test failed (test), after 0 s.\n\nexpected 1 to be 2')
  expect(failed).toBe(false)
})

test('L15: a long call tells its progress, and a second start meanwhile is refused', async () => {
  const desk = await openToolDesk()
  const { run, token } = desk.work()
  const client = await desk.connect(token)
  const gates = Promise.withResolvers<ReturnType<typeof red>>()
  desk.gates.judge = () => gates.promise
  const told: string[] = []
  const first = client.callTool({ name: 'run_gates' }, undefined, {
    onprogress: ({ message }) => told.push(message ?? ''),
  })
  await until(() => desk.gates.runs.length === 1, 'the gates run')
  expect(desk.tools.isWaiting(run.id)).toBe(true)
  expect(await call(client, 'run_gates')).toEqual({
    text: 'The checks are running already, for an earlier call: wait for what that one says.',
    failed: true,
  })
  await until(() => desk.clock.pending > 0, 'its progress is timed')
  desk.clock.advance(10_000)
  await until(() => told.length > 0, 'progress is told')
  expect(told).toEqual(['under way for 10 seconds'])
  gates.resolve(red('lint'))
  expect(await first).toMatchObject({ content: [{ text: expect.stringContaining('lint') }] })
  expect(desk.gates.runs).toHaveLength(1)
  await until(() => !desk.tools.isWaiting(run.id), 'the call is over')
})

test('L15: gates that nobody waits for any more are called off, and may be started again', async () => {
  const desk = await openToolDesk()
  const client = await desk.connect(desk.work().token)
  const { promise: calledOff, resolve } = Promise.withResolvers<void>()
  const { run } = desk.gates
  desk.gates.run = (_key, _directory, signal) =>
    new Promise((_, reject) => {
      desk.gates.runs.push('')
      signal.addEventListener('abort', () => {
        reject(signal.reason)
        resolve()
      })
    })
  const impatient = new AbortController()
  const first = client.callTool({ name: 'run_gates' }, undefined, { signal: impatient.signal })
  await until(() => desk.gates.runs.length === 1, 'the gates run')
  impatient.abort()
  await expect(first).rejects.toThrow()
  await calledOff
  desk.gates.run = run
  expect((await call(client, 'run_gates')).text).toMatch(/^All checks passed/)
})

test('a tool that breaks says nothing of its inside, and the log has it', async () => {
  const desk = await openToolDesk()
  const client = await desk.connect(desk.work().token)
  desk.gates.judge = () => {
    throw new Error('the secret of the inside')
  }
  const { text, failed } = await call(client, 'run_gates')
  expect([text, failed]).toEqual(['That went wrong inside huskies; its log has the details.', true])
  expect(desk.log.join('')).toContain('the secret of the inside')
})

test('a token is worth nothing once its run is over', async () => {
  const desk = await openToolDesk()
  const { run, token } = desk.work()
  const client = await desk.connect(token)
  expect((await call(client, 'item')).failed).toBe(false)
  desk.end(run)
  await expect(call(client, 'item')).rejects.toThrow(/401|token/)
})

test('a token of an earlier order of the same run is worth nothing', async () => {
  const desk = await openToolDesk()
  const { run, token } = desk.work()
  const newer = desk.tokens.issue(run)
  await expect(desk.connect(token)).rejects.toThrow(/401|token/)
  expect((await call(await desk.connect(newer), 'item')).failed).toBe(false)
})

test('a token is stored nowhere, and stays valid through a restart of the program', async () => {
  const desk = await openToolDesk()
  const { token } = desk.work()
  const client = await desk.connect(token)
  const { url } = desk
  await desk.restart()
  expect(desk.url).toBe(url)
  expect((await call(client, 'item')).failed).toBe(false)
  const stored = desk.store.db.prepare('SELECT hash FROM run_tokens').pluck().all() as Buffer[]
  expect(stored.map((hash) => hash.length)).toEqual([32])
  expect(desk.store.db.serialize().includes(token)).toBe(false)
  expect(desk.log.join('')).not.toContain(token)
})

test('whatever a run calls with whatever arguments, it sees and changes its own item only', async () => {
  const desk = await openToolDesk()
  const secret = 'FOREIGN'
  const others = [desk.work('coder', { name: secret, body: `- [ ] ${secret}` })]
  const own = desk.work('qa', { name: 'Mine', body: '- [ ] Mine', dependsOn: [1] })
  others.push(desk.work('qa', { name: secret, body: `- [ ] ${secret}` }))
  const before = others.map(({ item }) => JSON.stringify(desk.pipeline.need(item)))
  const client = await desk.connect(own.token)
  const number = fc.oneof(fc.integer({ min: -1, max: 4 }), fc.constant('1'))
  const input = fc.record(
    {
      ...{ item: number, id: number, run: fc.constantFrom('r1', 'r2', 'r3'), criterion: number },
      ...{ met: fc.boolean(), passed: fc.boolean(), reason: fc.constant('why') },
      criteria: fc.array(
        fc.record({ criterion: number, met: fc.boolean(), why: fc.constant('why'), item: number }),
        { maxLength: 2 },
      ),
    },
    { requiredKeys: [] },
  )
  const tool = fc.constantFrom('item', 'tick_criterion', 'run_gates', 'report_verdict', 'show')
  await fc.assert(
    fc.asyncProperty(tool, input, async (name, args) => {
      const { text } = await call(client, name, args)
      expect(text).not.toContain(secret)
      expect(others.map(({ item }) => JSON.stringify(desk.pipeline.need(item)))).toEqual(before)
    }),
    { numRuns: 60 },
  )
  expect(desk.gates.runs.every((key) => key === `item-${own.item}`)).toBe(true)
  expect(others.map(({ run }) => desk.verdicts.of(run))).toEqual([undefined, undefined])
})
