import { expect, test } from 'vitest'
import { openDesk } from './desk.ts'

test('htop shows what each agent uses, and of which item', async () => {
  const { say, sayAll, runs, clock, host } = openDesk()
  expect(await say('htop')).toBe(
    '**Load** 1.00, 2.00, 3.00 on 4 cores (until 00:05)\nNo agent is at work.',
  )
  await sayAll('story Add a greeting to the whole program', 'start 1')
  const run = runs.claim({
    ...{ item: 1, agent: 'coder-1', role: 'coder', attempt: 1 },
    ...{ account: 'shell' },
  })
  runs.running(run, { pid: 1, startTime: '1', bootId: 'boot' })
  clock.advance(60_000)
  host.used = { cpuMs: 90_000, memory: 1.25e9, processes: 14 }
  expect(await say('htop 20')).toMatchInlineSnapshot(`
    "**Load** 1.00, 2.00, 3.00 on 4 cores (until 00:21)
    \`\`\`
    agent    item                          CPU  memory  processes    age
    coder-1  #1 Add a greeting to the w…  150%  1.3 GB         14  1 min
    \`\`\`"
  `)
})

test('htop is stopped where it runs, and says so where it does not', async () => {
  const { say } = openDesk()
  expect(await say('htop stop')).toBe('No `htop` runs here.')
  await say('htop')
  expect(await say('htop STOP')).toBe('Stopped.')
  expect(await say('htop stop')).toBe('No `htop` runs here.')
  expect(await say('htop 90')).toMatch(/a number of minutes up to 60, or stop/)
})
