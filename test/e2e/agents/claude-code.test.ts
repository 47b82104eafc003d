import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { agentCli } from '../../support/agent-clis.ts'
import { claudeLimit, claudeSubscription } from '../../support/agent-logins.ts'
import { AgentPlace } from '../../support/agent-place.ts'
import { allProcesses } from '../../support/marked-processes.ts'
import type { Program } from '../../support/program.ts'

const installed = await agentCli('claude-code')
const sell = 'echo dogs > dogs.txt && git add --all && git commit --quiet -m "Sell dogs"'
const task = /# Item 1: Sell dogs/
const goOn = /# Go on/
/** A tool call that lasts until the test says `go`. */
const waitForWord =
  'touch "$HOME/at-work-1"; until [ -e "$HOME/go" ]; do sleep 0.05; done; echo the word was given'

/** What every one of these ends with: the work is on main, and nothing is left behind. */
async function expectDone(it: AgentPlace, runs: readonly string[]): Promise<void> {
  await it.heard('Item 1 is on main: Sell dogs')
  await it.finish()
  expect(it.place.git('show', 'main:dogs.txt')).toBe('dogs')
  expect(it.place.records()).toMatchObject({ items: ['1 done'], runs, unsaid: 0 })
  expect(it.place.damage()).toBe('')
  expect(it.place.agents()).toEqual([])
}

/** What all tools have given back so far in the dialogue of one question. */
function resultsAt({ api }: AgentPlace, index: number): string {
  const messages = api.asked.at(index)?.messages ?? []
  return messages.flatMap(({ results }) => results).join('\n')
}

/** The most memory that the program has ever used. */
function mostMegabytes({ child }: Program): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
}

describe.skipIf(!installed)('Claude Code is left alone', () => {
  test('the program is killed with -9: the agent works on, and the next start adopts it', async () => {
    const it = await AgentPlace.open('claude-code')
    it.script.onPrompt(task).runs(waitForWord).runs(sell).says('Sold.')
    const first = it.start()
    it.order()
    await it.place.atWork(1)
    first.child.kill('SIGKILL')
    await first.ended
    expect(it.place.agents()).not.toEqual([])

    it.start()
    it.place.go()
    await expectDone(it, ['r1 1 ended'])
    expect(it.api.asked.length).toBe(3)
  })

  test('program and agent are killed with -9: the next start goes on with the session', async () => {
    const it = await AgentPlace.open('claude-code')
    it.script.onPrompt(goOn).runs(sell).says('Sold.')
    it.script.onPrompt(task).runs('printf fou%s nd').runs('echo begun; sleep 600')
    const first = it.start()
    it.order()
    await it.until(() => it.processes('sleep 600').length > 0, 'a tool is at work')
    await it.wroteDown('found')
    first.child.kill('SIGKILL')
    await first.ended
    it.killAgent()

    it.start()
    await expectDone(it, ['r1 1 ended', 'r2 1 ended'])
    expect(resultsAt(it, -1)).toContain('found')
  })

  test('a hard limit in the middle parks the account, and the session goes on after it', async () => {
    const it = await AgentPlace.open('claude-code', { environment: claudeSubscription })
    it.script.onPrompt(goOn).runs(sell).says('Sold.')
    const lines = it.script.onPrompt(task).runs(waitForWord)
    it.start()
    it.order()
    await it.place.atWork(1)
    const resetsAt = Math.ceil(Date.now() / 1000) + 15
    lines.refuses(claudeLimit(resetsAt))
    it.place.go()
    await it.heard('is at its limit.')
    await expectDone(it, ['r1 1 ended', 'r2 1 ended'])
    expect(Date.now()).toBeGreaterThanOrEqual(resetsAt * 1000)
    expect(resultsAt(it, -1)).toContain('the word was given')
    expect(it.program.output.split('is at its limit')).toHaveLength(2)
    // Nothing was asked while the account was parked.
    expect(it.api.asked.length).toBe(4)
  })

  test('work that it did not commit is kept, and it is told to commit it', async () => {
    const it = await AgentPlace.open('claude-code')
    it.script
      .onPrompt(/changes that are not committed/)
      .runs('git add --all && git commit -qm Dogs')
      .says('Sold.')
    it.script.onPrompt(task).runs('echo dogs > dogs.txt').says('I forget to commit.')
    it.start()
    it.order()
    await expectDone(it, ['r1 1 ended', 'r2 1 ended'])
  })

  test('one that talks for ever is ended at its limit of turns, and its work is judged', async () => {
    const it = await AgentPlace.open('claude-code', { agent: { max_turns: 4 } })
    it.script.onPrompt(task).runs(sell).runs('date +%N').forEver()
    it.start()
    it.order()
    await expectDone(it, ['r1 1 ended'])
    expect(it.api.asked.length).toBeLessThanOrEqual(5)
  })

  test('daemons that outlive it are gone before its item goes on', async () => {
    const it = await AgentPlace.open('claude-code')
    const plain = 'setsid sh -c "sleep 6001" >/dev/null 2>&1 &'
    const twice = '(setsid sh -c "sleep 6002 & sleep 6003" >/dev/null 2>&1 &) &'
    const unmarked = 'env -i setsid sleep 6004 >/dev/null 2>&1 &'
    const forks = `${plain} ${twice} ${unmarked} sleep 3; echo forked`
    it.script.onPrompt(task).runs(forks).runs(sell).says('Sold.')
    it.start()
    it.order()
    await it.until(() => it.processes('sleep 6003').length > 0, 'the daemons are there')
    await expectDone(it, ['r1 1 ended'])
    expect(resultsAt(it, -1)).toContain('forked')
    expect(allProcesses().filter((line) => /sleep 600\d$/.test(line))).toEqual([])
  })

  test('50 MB of output slow nothing down, and do not stay in memory', async () => {
    const it = await AgentPlace.open('claude-code')
    // Each is printed in pieces and then whole, the last once more as the result of it all.
    const speech = 'All dogs are sold by now. '.repeat(400_000)
    it.script
      .onPrompt(task)
      .runs(sell, { saying: speech })
      .runs('true', { saying: speech })
      .says(speech)
    it.start()
    it.order()
    await it.heard('Item 1 is on main: Sell dogs')
    it.say('log 1')
    const output = join(it.place.project, '.huskies/state/runs/r1/output')
    expect(statSync(output).size).toBeGreaterThan(50_000_000)
    expect(mostMegabytes(it.program)).toBeLessThan(600)
    await expectDone(it, ['r1 1 ended'])
  })
})
