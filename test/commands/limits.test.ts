import { expect, test } from 'vitest'
import type { Outcome } from '../../src/agents/runtime.ts'
import { projectSettings } from '../../src/pipeline/settings.ts'
import { openDesk } from './desk.ts'

const minute = 60_000
const coder = { name: 'coder-1', runtime: 'claude-code' }
const account = (name: string) => ({ name, runtime: 'claude-code', home: `/accounts/${name}` })

/** A desk at which agents are chosen, and what the team is told from then on. */
async function openWith(settings: Record<string, unknown> = {}, timezone = 'UTC') {
  const desk = openDesk({
    timezone,
    settings: projectSettings.parse({ agent: [coder], timezone, ...settings }),
  })
  desk.engine.start()
  await desk.engine.whenIdle()
  await desk.say('story Add a greeting')
  desk.worktrees.add(1)
  const now = desk.clock.now()
  /** The agent's run on the item ends like this. */
  const ends = (outcome: Outcome, key = 'claude-code', item = 1) =>
    desk.store.transaction(() => {
      const claim = { item, agent: 'coder-1', role: 'coder', attempt: 1, account: key } as const
      const exited = desk.runs.exited(desk.runs.claim(claim), outcome)
      if (exited) desk.crew.accounts.ended(exited)
      if (exited) desk.runs.end(exited)
    })
  const before = desk.told().length
  return { ...desk, now, ends, news: () => desk.told().slice(before) }
}

const limited = (until?: number): Outcome => ({
  kind: 'limited',
  reason: 'You have hit your limit.',
  ...(until !== undefined && { until }),
})

test('a limit is told once, and until when is shown wherever people look', async () => {
  const { say, now, ends, news } = await openWith({}, 'Europe/Berlin')
  ends(limited(now + 60 * minute))
  ends(limited(now + 60 * minute))
  await say('start 1')
  const limit =
    /The login of claude-code is at its limit. Work goes on at \d{4}-\d\d-\d\d \d\d:\d\d Europe\/Berlin\./
  expect(news().filter((text) => text.includes('limit'))).toEqual([expect.stringMatching(limit)])
  expect(await say('status')).toMatch(
    /- 🟡 \*\*#1\*\* Add a greeting · the login of claude-code is at its limit until .* Europe\/Berlin/,
  )
  expect(await say('status 1')).toMatch(
    /It is parked: the login of claude-code is at its limit until .*Try it at once with `resume 1`\./,
  )
  expect(await say('agents')).toMatch(
    /coder-1 \(coder, claude-code\): waits: the login of claude-code is at its limit until/,
  )
})

test('the last of several accounts says that there is no other, and the soonest time', async () => {
  const { clock, now, ends, news } = await openWith({
    account: [account('work'), account('spare')],
  })
  ends(limited(now + 30 * minute), 'claude-code/work')
  clock.advance(minute)
  ends(limited(now + 60 * minute), 'claude-code/spare')
  expect(news()).toEqual([
    'The account work of claude-code is at its limit. Work goes on with the account spare of claude-code.',
    expect.stringMatching(
      /^The account spare of claude-code is at its limit\. No other account of its program is left\. Work goes on at .*:30 UTC\.$/,
    ),
  ])
})

test('a refused login is told with what to do, and `resume` has it tried again', async () => {
  const { say, ends, news } = await openWith()
  ends({ kind: 'refused', reason: 'Invalid API key' })
  expect(news()).toEqual([
    'The login of claude-code is refused: Invalid API key. Log in again or mend it, then say `resume`.',
  ])
  await say('start 1')
  expect(await say('status 1')).toContain('log in again or mend it, then say "resume"')
  expect(await say('resume')).toMatch(
    /^The accounts that were refused or at their limit are tried now\.\n/,
  )
  expect(await say('resume')).toBe('The pipeline is not paused: agents start when there is work.')
})

test('`resume N` has a parked item tried now', async () => {
  const { say, ends, now } = await openWith()
  ends(limited(now + 60 * minute))
  await say('start 1')
  expect(await say('resume 1')).toContain(
    'Item 1 goes on: it is tried now, whatever its service has said. Follow it with `status 1`.',
  )
  expect(await say('status 1')).not.toContain('parked')
})

test('`resume` has accounts tried that are at their limit, unless it has the pipeline to wake', async () => {
  const { say, ends, now } = await openWith()
  ends(limited(now + 60 * minute))
  await say('start 1')
  await say('pause')
  await say('resume')
  expect(await say('status 1')).toContain('It is parked')
  expect(await say('resume')).toMatch(/^The accounts that were refused or at their limit are tried/)
  expect(await say('status 1')).not.toContain('parked')
})

test('what an agent was not allowed to use is shown with its item', async () => {
  const { say, ends } = await openWith()
  ends({ kind: 'completed', denied: ['Bash', 'WebFetch', 'Bash'] })
  expect(await say('status 1')).toContain(
    'coder-1 was not allowed to use `Bash`, `WebFetch`: `allowed_tools` in project.toml allows it.',
  )
})
