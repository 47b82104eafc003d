import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { agentCli } from '../../support/agent-clis.ts'
import { AgentPlace } from '../../support/agent-place.ts'
import { Synapse } from '../../support/synapse/synapse.ts'
import { PersonsRoom } from './room.ts'

const claude = await agentCli('claude-code')
const patience = { timeout: 120_000, interval: 100 }

test.skipIf(!claude)(
  'L21: what the real Claude Code may not do by itself is asked in the room on Matrix, and decided by a tap on an emoji',
  async () => {
    const server = await Synapse.start()
    onTestFinished(() => server[Symbol.asyncDispose]())
    const person = await server.user('ann')
    const account = await server.user('huskies')
    const it = await AgentPlace.open('claude-code', { agent: { permissions: 'ask' } })
    it.place.write(
      'shop/.huskies/bot.toml',
      `[access]
admins = ["matrix:${person.id}"]

[matrix]
homeserver = "${server.url}"
token_env = "MATRIX_TOKEN"
`,
    )
    it.script
      .onPrompt(/# Item 1: Sell dogs/)
      .runs('touch ../forbidden')
      .runs('touch ../allowed')
      .runs('echo dogs > dogs.txt && git add --all && git commit --quiet -m "Sell dogs"')
      .says('Dogs are sold.')
    it.start({ MATRIX_TOKEN: account.token })
    const room = await PersonsRoom.make(server, person, [account.id])
    await expect.poll(() => room.members(), patience).toContain(account.id)
    await room.says('story Sell dogs')
    await room.says('start 1')
    const asked = (command: string) =>
      expect.poll(async () => (await question(room, command))?.event_id, patience)

    await asked('touch ../forbidden').toBeDefined()
    await room.reacts((await question(room, 'touch ../forbidden'))?.event_id ?? '', '2️⃣')
    await expect.poll(() => room.heard(), patience).toContain('Refused.')
    await asked('touch ../allowed').toBeDefined()
    await room.reacts((await question(room, 'touch ../allowed'))?.event_id ?? '', '1️⃣')
    await expect.poll(() => room.heard(), patience).toContain('Allowed, this once.')
    await it.heard('Item 1 is on main: Sell dogs')

    const there = (name: string) => existsSync(join(it.place.folder, 'shop.worktrees', name))
    expect([there('allowed'), there('forbidden')]).toEqual([true, false])
  },
)

async function question(room: PersonsRoom, command: string) {
  const shown = await room.shown()
  return shown.findLast(({ content }) => content.body?.includes(command))
}
