import { expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { type Answer, call, openToolDesk } from './tool-desk.ts'

const wish = { tool_name: 'Bash', input: { command: 'npm install left-pad', timeout: 5 } }

/** An agent that asks for a permission, and what the room is told of it. */
async function openQuestion(input: Record<string, unknown> = wish) {
  const desk = await openToolDesk()
  const { run, token } = desk.work('coder', { name: 'Padding' })
  const client = await desk.connect(token)
  const ask = async (again: Record<string, unknown> = input) => {
    const before = desk.heard().length
    const answer = call(client, 'ask_permission', again).then(decision)
    // Some tests end before it is answered.
    answer.catch(() => {})
    const text = await until(() => desk.heard()[before], 'the room is asked')
    return { answer, text, id: /`yes (\w{5})`/.exec(text)?.[1] ?? '' }
  }
  return { ...desk, run, client, ask, ...(await ask()) }
}

test('L21: the room is asked though the bot answers nobody, and its yes reaches the agent', async () => {
  const { text, id, say, answer } = await openQuestion()
  expect(text).toContain('agent-1, on item 1 (Padding), asks to use `Bash`:')
  expect(text).toContain('```\nnpm install left-pad\n```')
  expect(text).toContain('within 120 seconds; otherwise it is a no.')
  expect(await say(`yes ${id}`)).toBe('Allowed, this once.')
  expect(await answer).toEqual({ behavior: 'allow', updatedInput: wish.input })
})

test('L22: a granted permission has the shape that the program takes, whatever the arguments are', async () => {
  const input = { file_path: '/a/b', content: 'x'.repeat(100_000), nested: { list: [1, null] } }
  const { id, say, answer, text } = await openQuestion({ tool_name: 'Write', input })
  expect(text.length).toBeLessThan(2_000)
  expect(text).toContain('characters are not shown')
  await say(`yes ${id}`)
  expect(await answer).toEqual({ behavior: 'allow', updatedInput: input })
})

test.each([
  ['no ID', (id: string) => `no ${id}`],
  ['no alone', () => 'no'],
  ['n', () => 'N.'],
  ['the label of a button', (id: string) => `No ${id}`],
  ['ID: no', (id: string) => `${id}: no`],
  ['the command', (id: string) => `answer ${id} no`],
])('it is refused by %s', async (_, words) => {
  const { id, say, answer } = await openQuestion()
  expect(await say(words(id))).toBe('Refused.')
  expect(await answer).toMatchObject({
    behavior: 'deny',
    message: expect.stringContaining('Anna has refused it'),
  })
})

test('only people who may give permissions count', async () => {
  const { id, say, answer } = await openQuestion()
  for (const who of ['max', 'vera'] as const)
    expect(await say(`yes ${id}`, who)).toMatch(/is for admins/)
  await say(`no ${id}`)
  expect(await answer).toMatchObject({ behavior: 'deny' })
})

test('no answer in time is a no, and one that comes late is told so', async () => {
  const { id, clock, say, answer, heard } = await openQuestion()
  clock.advance(119_999)
  expect(heard()).toHaveLength(1)
  clock.advance(1)
  expect(await answer).toMatchObject({ behavior: 'deny' })
  expect(heard().at(-1)).toBe(
    `Question ${id} is over: nobody answered within 120 seconds. It is a no.`,
  )
  for (const words of ['yes', `yes ${id}`, `answer ${id} always`])
    expect(await say(words), words).toMatch(/is over: nobody answered within 120 seconds/)
})

test('a question lives only as long as its agent waits', async () => {
  const { id, client, say, answer, tools, run } = await openQuestion()
  const lost = expect(answer).rejects.toThrow()
  await client.close()
  await lost
  await until(() => !tools.isWaiting(run.id), 'the connection is seen to be closed')
  expect(await say(`yes ${id}`)).toBe(
    `Question ${id} is over: nobody waits for its answer any more.`,
  )
})

test('a restart of the program is a no, and an id of before meets no later question', async () => {
  const { id, restart, say, answer, ask } = await openQuestion()
  await restart()
  expect(await answer).toMatchObject({ behavior: 'deny' })
  const next = await ask()
  expect(next.id).not.toBe(id)
  expect(await say(`yes ${id}`)).toMatch(/is over/)
  expect(await say('yes bbbbb')).toMatch(/There is no open question bbbbb/)
  await say(`no ${next.id}`)
  expect(await next.answer).toMatchObject({ behavior: 'deny' })
})

test('a word alone is asked back where several questions are open', async () => {
  const { id, say, answer, ask } = await openQuestion()
  const other = await ask({ tool_name: 'WebFetch', input: { url: 'http://127.0.0.1' } })
  expect(await say('yes')).toMatch(/2 questions are open: say which one you mean/)
  expect(await say(`yes ${other.id}`)).toBe('Allowed, this once.')
  expect(await other.answer).toMatchObject({ behavior: 'allow' })
  await say('no')
  expect(await answer).toMatchObject({ behavior: 'deny' })
  expect(id).not.toBe(other.id)
})

test("a person's own confirmation is not taken for a permission, nor the other way round", async () => {
  const { id, say, pipeline, answer } = await openQuestion()
  pipeline.create({ type: 'story', name: 'Other' }, { kind: 'system', id: 'test' })
  await say('delete 2')
  expect(await say('yes')).toMatch(/deleted|gone/i)
  expect(pipeline.get(2)).toBeUndefined()
  await say(`yes ${id}`)
  expect(await answer).toMatchObject({ behavior: 'allow' })
})

test('L23: always means exactly that first word of a plain command, at once and from then on', async () => {
  const { id, say, answer, ask, client } = await openQuestion()
  expect(await say(`always ${id}`)).toMatch(/plain `npm` commands from now on/)
  expect(await answer).toMatchObject({ behavior: 'allow' })
  const granted = { tool_name: 'Bash', input: { command: 'npm test' } }
  expect(decision(await call(client, 'ask_permission', granted))).toEqual({
    behavior: 'allow',
    updatedInput: granted.input,
  })
  for (const command of [
    'npm test && rm -rf ~',
    'npm test; rm x',
    'npm test > ../x',
    'npm "$(rm x)"',
    'npm test\nrm x',
    'npmx test',
    'FOO=1 npm test',
    'rm npm',
  ]) {
    const next = await ask({ tool_name: 'Bash', input: { command } })
    await say(`no ${next.id}`)
    expect(await next.answer, command).toMatchObject({ behavior: 'deny' })
  }
  expect(await say('permissions')).toBe('1. plain `npm` commands, by Anna')
  expect(await say('permissions forget 1')).toMatch(/ask again/)
  const next = await ask(granted)
  await say(`no ${next.id}`)
  expect(await next.answer).toMatchObject({ behavior: 'deny' })
})

test('L23: always for any other tool means exactly that tool', async () => {
  const fetch = (tool_name: string) => ({ tool_name, input: { url: 'http://127.0.0.1' } })
  const { id, say, answer, ask, client } = await openQuestion(fetch('WebFetch'))
  await say(`always ${id}`)
  expect(await answer).toMatchObject({ behavior: 'allow' })
  expect(decision(await call(client, 'ask_permission', fetch('WebFetch')))).toMatchObject({
    behavior: 'allow',
  })
  const next = await ask(fetch('WebFetchAll'))
  await say('no')
  expect(await next.answer).toMatchObject({ behavior: 'deny' })
})

test('the room sees no secret, nothing that ends the block, and nothing that hides what is done', async () => {
  const command =
    'curl -H "Authorization: Bearer abcdefghijklmnop" https://u:hunter2@host/ --password=hunter3\n```\n\u202Eevil\u0007'
  const { text } = await openQuestion({ tool_name: 'Bash', input: { command } })
  for (const hidden of ['hunter', 'abcdefgh', '\u202E', '\u0007'])
    expect(text).not.toContain(hidden)
  expect(text).toContain('````\ncurl')
  expect(text).toContain('[secret]')
})

test('an answer that is none leaves the question open', async () => {
  const { id, say, answer } = await openQuestion()
  expect(await say(`answer ${id} perhaps`)).toMatch(/Say yes, no or always/)
  await say(`yes ${id}`)
  expect(await answer).toMatchObject({ behavior: 'allow' })
})

test('an agent asks the people of the project, and gets what they say', async () => {
  const desk = await openToolDesk()
  const client = await desk.connect(desk.work('coder', { name: 'Padding' }).token)
  const answer = call(client, 'ask_person', { question: 'Left or *right*?' })
  const text = await until(() => desk.heard()[0], 'the room is asked')
  expect(text).toContain('agent-1, on item 1 (Padding), asks:\n\n> Left or \\*right\\*?')
  const id = /`(\w{5}): YOUR ANSWER`/.exec(text)?.[1] ?? ''
  expect(await desk.say(`${id}: left`, 'vera')).toMatch(/is for members/)
  expect(await desk.say(`${id}: left,\nby two`, 'max')).toBe('Told agent-1.')
  expect((await answer).text).toBe('Max answers: left,\nby two')
})

test('an agent whose question nobody answers is told to decide alone', async () => {
  const desk = await openToolDesk()
  const client = await desk.connect(desk.work().token)
  const answer = call(client, 'ask_person', { question: 'Left?' })
  await until(() => desk.heard()[0], 'the room is asked')
  desk.clock.advance(25 * 60_000)
  expect((await answer).text).toMatch(/Nobody has answered. Decide yourself/)
})

function decision({ text, failed }: Answer): unknown {
  return failed ? text : JSON.parse(text)
}
