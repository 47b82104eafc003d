import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { agentCli } from '../../support/agent-clis.ts'
import { AgentPlace } from '../../support/agent-place.ts'
import { noChromium } from '../../support/whatsapp/chromium.ts'
import { pairedProfile, session } from '../../support/whatsapp/paired-profile.ts'
import { WhatsAppServer } from '../../support/whatsapp/whatsapp-server.ts'

const claude = await agentCli('claude-code')
const patience = { timeout: 120_000, interval: 100 }

test.skipIf(!claude || noChromium)(
  'L21: what the real Claude Code may not do by itself is asked in the chat on WhatsApp, and decided by a number',
  async () => {
    const server = await WhatsAppServer.start({ session })
    onTestFinished(() => server[Symbol.asyncDispose]())
    using paired = await pairedProfile()
    const anna = server.person('Anna')
    const it = await AgentPlace.open('claude-code', { agent: { permissions: 'ask' } })
    const { browser, page, sandbox } = server.settings
    it.place.write(
      'shop/.huskies/bot.toml',
      `[access]
admins = ["whatsapp:${anna.lid}"]

[whatsapp]
browser = "${browser}"
page = "${page}"
sandbox = ${sandbox}
`,
    )
    const state = join(it.place.folder, 'shop', '.huskies', 'state')
    cpSync(join(paired.path, 'whatsapp'), join(state, 'whatsapp'), { recursive: true })
    it.script
      .onPrompt(/# Item 1: Sell dogs/)
      .runs('touch ../forbidden')
      .runs('touch ../allowed')
      .runs('echo dogs > dogs.txt && git add --all && git commit --quiet -m "Sell dogs"')
      .says('Dogs are sold.')
    it.start()
    const chat = anna.phone
    const says = (text: string) => server.says(anna, chat, text)
    const heard = (text: string) =>
      expect.poll(() => server.said(chat).join('\n'), patience).toContain(text)
    await expect.poll(() => server.isConnected, patience).toBe(true)
    says('story Sell dogs')
    says('start 1')

    await heard('touch ../forbidden')
    says('2')
    await heard('Refused.')
    await heard('touch ../allowed')
    says('1')
    await heard('Allowed, this once.')
    await it.heard('Item 1 is on main: Sell dogs')

    const there = (name: string) => existsSync(join(it.place.folder, 'shop.worktrees', name))
    expect([there('allowed'), there('forbidden')]).toEqual([true, false])
  },
)
