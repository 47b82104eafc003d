import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'smol-toml'
import { expect, test } from 'vitest'
import { agentCli } from '../../support/agent-clis.ts'
import { claudeLimit, claudeSubscription, loginOf } from '../../support/agent-logins.ts'
import { AgentPlace } from '../../support/agent-place.ts'

const claude = await agentCli('claude-code')
const sell = 'echo dogs > dogs.txt && git add --all && git commit --quiet -m "Sell dogs"'

test.skipIf(!claude)(
  'L21, L22: what the real Claude Code may not do by itself is asked in the room, and done after a yes',
  async () => {
    const it = await AgentPlace.open('claude-code', { agent: { permissions: 'ask' } })
    it.script
      .onPrompt(/# Item 1: Sell dogs/)
      .runs('touch ../forbidden')
      .runs('touch ../allowed')
      .runs(sell)
      .says('Dogs are sold.')
    it.start()
    it.order()
    await it.heard('touch ../forbidden')
    it.say('no')
    await it.heard('Refused.')
    await it.heard('touch ../allowed')
    it.say('yes')
    await it.heard('Allowed, this once.')
    await it.heard('Item 1 is on main: Sell dogs')
    await it.finish()

    const there = existsSync(join(it.place.folder, 'shop.worktrees', 'allowed'))
    const alsoThere = existsSync(join(it.place.folder, 'shop.worktrees', 'forbidden'))
    expect([there, alsoThere]).toEqual([true, false])
    const told = it.api.asked.flatMap(({ messages }) => messages.flatMap(({ results }) => results))
    expect(told.join('\n')).toContain('has refused it')
  },
)

test.skipIf(!claude)(
  "L24: the real Claude Code uses our tools without asking, and a qa agent's verdict counts",
  async () => {
    const qa = { name: 'quinn', stage: 'qa', runtime: 'claude-code', permissions: 'ask' }
    const it = await AgentPlace.open('claude-code', { settings: { default_qa: 'agent' } })
    const environment = loginOf('claude-code', it.api.url).env
    const agent = [{ ...qa, command: [claude ?? ''], environment }]
    const settings = 'shop/.huskies/project.toml'
    it.place.write(settings, `${it.place.read(settings)}\n${stringify({ agent })}`)
    it.script
      .onPrompt(/Judge this work item/)
      .uses('item')
      .uses('report_verdict', { passed: true, reason: 'Dogs are sold.', criteria: [] })
      .says('Judged.')
    it.script
      .onPrompt(/# Item 1: Sell dogs/)
      .uses('run_gates')
      .runs(sell)
      .says('Dogs are sold.')
    it.start()
    it.order()
    await it.heard('Item 1 is on main: Sell dogs')
    await it.finish()

    const told = it.api.asked.flatMap(({ messages }) => messages.flatMap(({ results }) => results))
    expect(told.join('\n')).toContain('All checks passed')
    expect(it.program.output).not.toContain('asks to use')
  },
)

test.skipIf(!claude)(
  'free text is answered by the real Claude Code, which has the commands as its tools and remembers',
  async () => {
    const it = await AgentPlace.open('claude-code')
    const { env } = loginOf('claude-code', it.api.url)
    it.place.write('.claude/settings.json', JSON.stringify({ env }))
    it.place.write(
      'shop/.huskies/bot.toml',
      stringify({ coalesce_window_ms: 50, chat_agent: { command: claude ?? '' } }),
    )
    it.script.onPrompt(/And now\?/).says('Item 1 is still *in the backlog*.')
    it.script
      .onPrompt(/Please sell dogs/)
      .uses('story', { title: 'Sell dogs' })
      .says('Item 1 is made.\n\nSay `start 1` when you like.')
    it.start()
    it.say('Please sell dogs here, as a story.')
    await it.heard('Say `start 1` when you like.')
    it.say('And now?')
    await it.heard('in the backlog')
    it.say('status')
    await it.heard('#1 Sell dogs')
    await it.finish()

    const last = it.api.asked
      .at(-1)
      ?.messages.map(({ text }) => text)
      .join('\n')
    expect(last).toContain('Please sell dogs here')
    expect(last).toContain('<news since="your last turn">')
    expect(last).toContain('#1 Sell dogs: create by')
    expect(it.place.agents()).toEqual([])
  },
)

test.skipIf(!claude)(
  'an answer that a limit keeps from the room comes by itself after it, though the program was killed',
  async () => {
    const it = await AgentPlace.open('claude-code')
    const { env } = loginOf('claude-code', it.api.url)
    it.place.write(
      '.claude/settings.json',
      JSON.stringify({ env: { ...env, ...claudeSubscription } }),
    )
    it.place.write(
      'shop/.huskies/bot.toml',
      stringify({ coalesce_window_ms: 50, chat_agent: { command: claude ?? '' } }),
    )
    const resetsAt = Math.ceil(Date.now() / 1000) + 15
    it.script
      .onPrompt(/Please sell dogs/)
      .uses('story', { title: 'Sell dogs' })
      .refuses(claudeLimit(resetsAt))
      .says('Item 1 is made.')
    const first = it.start()
    it.say('Please sell dogs here, as a story.')
    await it.heard('I answer then.')
    first.child.kill('SIGKILL')
    await first.ended

    it.start()
    await it.heard('Item 1 is made.')
    expect(Date.now()).toBeGreaterThanOrEqual(resetsAt * 1000)
    expect(it.program.output).not.toContain('I answer then.')
    await it.finish()
    expect(it.place.records().items).toEqual(['1 backlog'])
    expect(it.api.asked.length).toBe(3)
    expect(it.place.agents()).toEqual([])
  },
)
