import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ScreenOf } from '../support/screen.ts'
import { Workplace } from '../support/workplace.ts'

const keys = { tab: '\t', enter: '\r', up: '\x1b[A', ctrlC: '\x03', ctrlD: '\x04' }

/** A person at a terminal in front of the sample. */
async function sitDown(place: Workplace): Promise<ScreenOf> {
  const screen = place.open(['start', '--sample'])
  await screen.shows(/Ctrl-C stops\.\n\n>$/)
  return screen
}

function say(screen: ScreenOf, line: string): void {
  screen.type(`${line}${keys.enter}`)
}

describe('A person at a terminal', () => {
  test('sees an item go all its way while a line that is half typed stays', async () => {
    const place = new Workplace()
    await using screen = await sitDown(place)
    say(screen, 'story Add a greeting')
    await screen.shows(/^> story Add a greeting\nItem 1 is in the backlog: .+\n>$/m)
    say(screen, 'start 1')
    screen.type('find gree')
    await screen.shows(/^Item 1 is on main: Add a greeting \([0-9a-f]{7}\)\.\n> find gree$/m)
    expect(screen.text).toMatch(
      /^sample works on item 1 \(Add a greeting\) now\.\nsample is done with item 1/m,
    )
    say(screen, 'ting')
    await screen.shows(/^> find greeting\n(?=.*#1.* Add a greeting)/m)
    screen.type(keys.ctrlD)
    expect(await screen.exit()).toBe(0)
    expect(place.landed()).toEqual(['merge 1'])
    expect(place.git('status', '--porcelain')).toBe('')
  })

  test('completes a command with Tab, is shown its usage, and has the lines of last time', async () => {
    const place = new Workplace()
    {
      await using screen = await sitDown(place)
      screen.type(`who${keys.tab}`)
      await screen.shows(/^> whoami$/m)
      screen.type(keys.enter)
      await screen.shows(/^You are .+\badmin\b/m)
      screen.type(`sto${keys.tab}`)
      await screen.shows(/\n {0}stop +story\n|> sto\b/)
      screen.type(`ry ${keys.tab}`)
      await screen.shows(/^story .*TITLE\n> story$/m)
      screen.type(keys.ctrlC)
      await screen.shows(/\n>$/)
      screen.type(keys.ctrlD)
      expect(await screen.exit()).toBe(0)
    }
    await using screen = await sitDown(place)
    screen.type(keys.up)
    await screen.shows(/^> whoami$/m)
  })

  test('is asked before an item is deleted, and answers by number', async () => {
    const place = new Workplace()
    await using screen = await sitDown(place)
    say(screen, 'story Add a greeting')
    say(screen, 'story Add a farewell')
    say(screen, 'delete 1')
    await screen.shows(
      /^Delete item 1 for good: Add a greeting\?\n+1\. Delete it\n2\. No\n+Answer with a number\.\n>$/m,
    )
    say(screen, '2')
    await screen.shows(/^> 2\nLeft as it is\.\n>$/m)
    say(screen, 'delete 1')
    await screen.shows(/1\. Delete it\n2\. No\n+Answer with a number\.\n>$/)
    say(screen, '1')
    await screen.shows(/^Item 1 is deleted: Add a greeting\.\n>$/m)
    expect(place.records().items).toEqual(['2 backlog'])
    // A number that answers nothing is no answer.
    say(screen, '1')
    await screen.shows(/^I read: 1$/m)
    expect(place.records().items).toEqual(['2 backlog'])
  })

  test('ends the agents and the program with Ctrl-C', async () => {
    const place = new Workplace()
    await place.makeAgentsWait()
    await using screen = await sitDown(place)
    say(screen, 'story Add a greeting')
    say(screen, 'start 1')
    await place.atWork(1)
    await screen.shows(/^sample works on item 1 .+\n>$/m)
    // First it takes back what is half typed.
    screen.type(`half${keys.ctrlC}`)
    await screen.shows(/\n>$/)
    expect(place.agents()).not.toEqual([])
    screen.type(keys.ctrlC)
    expect(await screen.exit()).toBe(130)
    expect(place.agents()).toEqual([])
    expect(place.records()).toMatchObject({ items: ['1 coding'], runs: ['r1 1 ended'] })
  })

  test('waits after Ctrl-D until what is under way has landed', async () => {
    const place = new Workplace()
    await place.makeAgentsWait()
    await using screen = await sitDown(place)
    say(screen, 'story Add a greeting')
    say(screen, 'start 1')
    await place.atWork(1)
    screen.type(keys.ctrlD)
    place.go()
    await screen.shows(/^Item 1 is on main/m)
    expect(await screen.exit()).toBe(0)
    expect(place.landed()).toEqual(['merge 1'])
  })

  test('who closes the window ends the agents too', async () => {
    const place = new Workplace()
    await place.makeAgentsWait()
    const screen = await sitDown(place)
    say(screen, 'story Add a greeting')
    say(screen, 'start 1')
    await place.atWork(1)
    screen.signal('SIGHUP')
    expect(await screen.exit()).toBe(130)
    expect(place.agents()).toEqual([])
    expect(place.records()).toMatchObject({ items: ['1 coding'], runs: ['r1 1 ended'] })
    expect(existsSync(join(place.project, '.huskies/state/lock.holder'))).toBe(false)
  })
})
