import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Workplace } from '../support/workplace.ts'

/** The program's part of a project's files: nothing else may be there after a landing. */
function expectClean(place: Workplace): void {
  expect(place.git('status', '--porcelain')).toBe('')
  expect(place.damage()).toBe('')
  expect(place.agents()).toEqual([])
  expect(place.records().unsaid).toBe(0)
}

describe('A script drives the program', () => {
  test('without input it makes the sample, says what to type in three lines, and ends', async () => {
    const place = new Workplace()
    const { code, errors, output } = await place.run(['start', '--sample'])
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(output.trim().split('\n')).toHaveLength(3)
    expect(output).toContain('story Add a greeting')
    expectClean(place)
  })

  test('three lines bring an item onto main, and the chat says so', async () => {
    const place = new Workplace()
    const { code, errors, output } = await place.script('help', 'story Add a greeting', 'start 1')
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(output).toContain('`story TITLE`')
    expect(output).toMatch(/^Item 1 is on main: Add a greeting \([0-9a-f]{7}\)\.$/m)
    expect(place.landed()).toEqual(['merge 1'])
    expect(place.records().items).toEqual(['1 done'])
    expect(place.read('huskies-sample/project/commands/greeting.sh')).toContain('Hello')
    expectClean(place)
  })

  test('a second start goes on where the first ended: its items, its numbers, its order', async () => {
    const place = new Workplace()
    await place.script('story Add a greeting', 'start 1')
    const { code, errors, output } = await place.script('status', 'story Add a farewell', 'start 2')
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(output).toMatch(/^Done\n\n- \S+ #1 Add a greeting$/m)
    expect(output).toContain('Item 2 is in the backlog')
    expect(place.landed()).toEqual(['merge 1', 'merge 2'])
    expectClean(place)
  })

  test('lines may end as they do on Windows, and the last need not end at all', async () => {
    const place = new Workplace()
    const input = 'story Add a greeting\r\nwhoami\r\nstatus 1'
    const { code, output } = await place.run(['start', '--sample'], { input })
    expect(code).toBe(0)
    expect(output).toContain('Item 1 is in the backlog: Add a greeting. Start')
    expect(output).toContain('#1 Add a greeting (story)')
    expect(output).not.toContain('\r')
    expectClean(place)
  })

  test('free text is answered by the sample chat, between commands, in order', async () => {
    const place = new Workplace()
    const { code, output } = await place.script('version', 'hello there')
    expect(code).toBe(0)
    expect(output).toMatch(/^Huskies \d+\.\d+\.\d+.*\nHello! I look after the greeter project\.$/m)
    expectClean(place)
  })

  test('it waits for an agent that is at work when its input ends', async () => {
    const place = new Workplace()
    await place.makeAgentsWait()
    const program = place.start(['start', '--sample'], {
      input: 'story Add a greeting\nstart 1\n',
    })
    await place.atWork(1)
    expect(program.child.exitCode).toBe(null)
    place.go()
    expect(await program.ended).toMatchObject({ code: 0, errors: '' })
    expect(place.landed()).toEqual(['merge 1'])
  })

  test('when nobody reads its output any more, it ends and leaves nothing behind', async () => {
    const place = new Workplace()
    await place.makeAgentsWait()
    const program = place.start(['start', '--sample'])
    program.say('story Add a greeting')
    program.say('start 1')
    await place.atWork(1)
    program.child.stdout?.destroy()
    program.say('status')
    expect(await program.ended).toMatchObject({ code: 0, errors: '' })
    expect(place.agents()).toEqual([])
    expect(place.records().items).toEqual(['1 coding'])
  })
})

describe('A signal ends the program while an agent works', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s ends the agent too, and the next start goes on',
    async (signal) => {
      const place = new Workplace()
      await place.makeAgentsWait()
      const program = place.start(['start', '--sample'])
      program.say('story Add a greeting')
      program.say('start 1')
      await place.atWork(1)
      program.child.kill(signal)
      expect(await program.ended).toMatchObject({ code: 130, errors: '' })
      expect(place.agents()).toEqual([])
      expect(place.records()).toMatchObject({ items: ['1 coding'], runs: ['r1 1 ended'] })

      place.go()
      const next = await place.script()
      expect(next).toMatchObject({ code: 0, errors: '' })
      expect(next.output).toContain('Item 1 is on main')
      expect(place.landed()).toEqual(['merge 1'])
      expect(place.agents()).toEqual([])
    },
  )

  test('and while the gates judge it ends those, and the next start judges anew', async () => {
    const place = new Workplace()
    await place.run(['start', '--sample'])
    const slow = '#!/bin/sh\ntouch "$HOME/judging"\nuntil [ -e "$HOME/go" ]; do sleep 0.05; done\n'
    place.write('huskies-sample/project/script/test', slow)
    place.git('commit', '--quiet', '--all', '-m', 'Slow tests')
    const program = place.start(['start', '--sample'], {
      input: 'story Add a greeting\nstart 1\n',
    })
    await place.until(() => existsSync(join(place.folder, 'judging')), 'the gates judge')
    program.child.kill('SIGINT')
    expect(await program.ended).toMatchObject({ code: 130, errors: '' })
    expect(place.agents()).toEqual([])

    place.go()
    expect(await place.script()).toMatchObject({ code: 0, errors: '' })
    expect(place.landed()).toEqual(['merge 1'])
    expect(place.records().runs).toEqual(['r1 1 ended'])
  })

  test('one that comes twice, as from a terminal and from npm, counts once', async () => {
    const place = new Workplace()
    await place.makeAgentsWait()
    const program = place.start(['start', '--sample'])
    program.say('story Add a greeting')
    program.say('start 1')
    await place.atWork(1)
    program.child.kill('SIGINT')
    program.child.kill('SIGTERM')
    expect(await program.ended).toMatchObject({ code: 130, errors: '' })
    expect(place.agents()).toEqual([])
    expect(place.records().runs).toEqual(['r1 1 ended'])
  })

  test('after kill -9 the agent lives on, and the next start adopts it', async () => {
    const place = new Workplace()
    await place.makeAgentsWait()
    const program = place.start(['start', '--sample'])
    program.say('story Add a greeting')
    program.say('start 1')
    await place.atWork(1)
    program.child.kill('SIGKILL')
    expect(await program.ended).toMatchObject({ signal: 'SIGKILL' })
    const living = place.agents()
    expect(living).not.toEqual([])
    // Whoever would start a second agent made this file again.
    rmSync(join(place.folder, 'at-work-1'))

    const next = place.start(['start', '--sample'])
    next.say('status')
    await next.until('In progress')
    expect(place.agents().length).toBeGreaterThan(0)
    place.go()
    next.close()
    expect(await next.ended).toMatchObject({ code: 0, errors: '' })
    expect(place.records()).toMatchObject({ items: ['1 done'], runs: ['r1 1 ended'] })
    expect(place.landed()).toEqual(['merge 1'])
    expect(() => place.read('at-work-1')).toThrow('ENOENT')
    expect(place.agents()).toEqual([])
  })
})
