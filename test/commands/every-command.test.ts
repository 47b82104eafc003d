import { expect, test } from 'vitest'
import { roles } from '../../src/bot/command.ts'
import { parse } from '../../src/bot/parser.ts'
import { Registry } from '../../src/bot/registry.ts'
import { usageOf } from '../../src/bot/usage.ts'
import { networks, openDesk } from './desk.ts'

const promised = `help create story bug refactor spike epic edit depends check priority show status
  start stop pause resume assign move block unblock hold freeze unfreeze approve reject close abandon
  supersede delete recover release history list find backlog diff log agents version whoami triage
  timer when run_tests recheck coverage worktrees cleanup_worktrees rmtree overview whatsup unreleased
  release-notes git loc cost htop`

test('every promised command is there, under its name or alias', () => {
  const registry = new Registry(openDesk().commands)
  const missing = promised.split(/\s+/).filter((name) => !registry.find(name))
  expect(missing).toEqual([])
})

test('every command says what it does in one line, and who may do it', () => {
  for (const { name, summary, role, group } of openDesk().commands) {
    expect(summary, name).toMatch(/^[A-Z][^\n]*[^.\n]$/)
    expect(roles, name).toContain(role)
    expect(group, name).toBeTruthy()
  }
})

test('every command has examples, and all of them can be read by its own parser', () => {
  const { commands } = openDesk()
  const registry = new Registry(commands)
  for (const { name, examples = [] } of commands) {
    expect(examples.length, name).toBeGreaterThan(0)
    for (const example of examples) {
      const call = parse(example)
      const known = call && registry.find(call.name)
      expect(known?.command.name, example).toBe(name)
      expect(() => call && known?.read(call), example).not.toThrow()
    }
  }
})

test('the whole language at a glance', () => {
  const lines = openDesk().commands.map((command) => `${command.role}: ${usageOf(command)}`)
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "member: create story|bug|refactor|spike|epic [depends N,N] [epic N] [qa server|agent|human] [priority low|normal|high] TITLE
    member: story [depends N,N] [epic N] [qa server|agent|human] [priority low|normal|high] TITLE
    member: bug [depends N,N] [epic N] [qa server|agent|human] [priority low|normal|high] TITLE
    member: refactor [depends N,N] [epic N] [qa server|agent|human] [priority low|normal|high] TITLE
    member: spike [depends N,N] [epic N] [qa server|agent|human] [priority low|normal|high] TITLE
    member: epic TITLE
    member: edit N [qa server|agent|human] [title]
    member: depends N [M,M]
    member: check N K [--undo]
    member: priority N low|normal|high
    admin: delete N
    member: start N [agent]
    viewer: stop [N]
    member: pause
    member: resume [N]
    member: assign N AGENT
    member: approve N
    member: reject N [--close] REASON
    member: hold N REASON
    member: block N REASON
    member: unblock N
    member: freeze N
    member: unfreeze N
    member: close N
    member: abandon N
    member: supersede N M
    member: move N backlog|coding|qa|review-hold|merge|done|archived|blocked|frozen|abandoned|rejected
    member: recover N
    member: run_tests [N]
    member: recheck N
    member: coverage
    viewer: timer N HH:MM
    viewer: when #N STAGE: COMMAND
    viewer: worktrees [--confirm]
    member: rmtree N
    viewer: status [N]
    viewer: whatsup
    viewer: show N
    viewer: list
    viewer: backlog
    viewer: find TEXT
    viewer: history N
    viewer: diff N
    viewer: log N [lines]
    viewer: cost [N]
    viewer: overview N
    viewer: unreleased
    viewer: release-notes [tag]
    viewer: git
    viewer: loc
    viewer: agents
    viewer: htop [MINUTES]
    member: release N
    viewer: answer ID TEXT
    admin: permissions [forget K]
    member: reset
    admin: ambient on|off
    admin: admit CODE [viewer|member|admin]
    viewer: version
    viewer: whoami
    viewer: help [command]"
  `)
})

test('help names each command that the asker may use, with its summary, and no other', async () => {
  const { commands, say } = openDesk()
  const help = await say('help', 'vera')
  for (const { name, role, summary } of commands) {
    const line = help
      .split('\n')
      .find((each) => each.startsWith(`- \`${name}`) && each.includes(summary))
    expect(line !== undefined, name).toBe(role === 'viewer')
  }
  expect(await say('help story', 'vera')).toBe(
    'There is no command `story` for you: `help` lists those that there are.',
  )
})

test('help of one command shows its usage, its arguments, its other names and examples', async () => {
  const { say } = openDesk()
  expect(await say('help STATUS')).toMatchInlineSnapshot(`
    "\`status [N]\`

    Show the board; with a number, one item whole.

    - \`[N]\` an item number such as 12 or #12

    Also: \`triage\`.

    For example:
    \`\`\`
    status
    status 3
    \`\`\`"
  `)
})

test('a viewer may look and not touch, a member may touch and not delete', async () => {
  const desk = openDesk()
  await desk.sayAll('story One', 'story Two')
  const before = desk.everything()
  for (const { examples = [], role } of desk.commands) {
    const [example = ''] = examples
    if (role !== 'viewer') expect(await desk.say(example, 'vera')).toMatch(/you are a viewer here/)
    if (role === 'admin') expect(await desk.say(example, 'max')).toMatch(/you are a member here/)
  }
  expect(desk.everything()).toEqual(before)
})

test('L55: every command is there, and answers, where there is not a single item', async () => {
  const { commands, say } = openDesk()
  const help = await say('help')
  for (const { name, examples = [] } of commands) {
    expect(help).toContain(`\`${name}`)
    for (const example of examples) expect(await say(example), example).not.toMatch(/no command/)
  }
})

test('L56: every command answers the same on every network', async () => {
  const answers = async (network: string) => {
    const { commands, say } = openDesk()
    const replies: string[] = []
    for (let item = 1; item <= 7; item++) await say(`story Number ${item}`, 'anna', network)
    for (const { examples = [] } of commands)
      for (const example of examples) replies.push(await say(example, 'anna', network))
    return replies.map((reply) => reply.replaceAll(`${network}:`, ''))
  }
  const [first = [], ...others] = await Promise.all(networks.map(answers))
  expect(first.filter((reply) => reply === '')).toEqual([])
  for (const replies of others) expect(replies).toEqual(first)
})
