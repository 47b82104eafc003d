import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Program } from '../support/program.ts'
import { SmallDisk, whyNoSmallDisk } from '../support/small-disk.ts'
import { Workplace } from '../support/workplace.ts'

const reason = whyNoSmallDisk()
beforeEach((test) => test.skip(reason !== undefined, reason))

const full = 'The disk is full: free some space, then try again.\n'
const commands = ['start --sample', 'demo', 'demo --resume']

/** A place whose programs are started on a disk of its own. */
function onSmallDisk(project?: string): { place: Workplace; disk: SmallDisk } {
  const place = new Workplace({ desk: 'disk', ...(project && { project }) })
  return { place, disk: new SmallDisk(place.desk) }
}

/** A program on a small disk, with an agent at work on item 1, who waits for the test. */
async function withAgentAtWork() {
  const { place, disk } = onSmallDisk()
  await place.makeAgentsWait()
  const program = place.start(['start', '--sample'])
  program.say('story Add a greeting')
  program.say('start 1')
  await place.atWork(1)
  await program.until('works on item 1')
  return { place, disk, program }
}

/** The agent has outlived its program; once there is room, the next start brings its work home. */
async function expectToGoOn(place: Workplace, disk: SmallDisk, program: Program): Promise<void> {
  expect(await program.ended).toMatchObject({ code: 1, errors: full })
  disk.free()
  place.go()
  expect(await place.script()).toMatchObject({ code: 0, errors: '' })
  expect(place.records()).toEqual({ items: ['1 done'], runs: ['r1 1 ended'], unsaid: 0 })
  expect(place.landed()).toEqual(['merge 1'])
  expect(place.damage()).toBe('')
  expect(place.agents()).toEqual([])
}

describe('A folder that cannot be written', () => {
  test.each(commands)('is named, and nothing is made there: huskies %s', async (command) => {
    const { place, disk } = onSmallDisk()
    disk.makeReadOnly()
    expect(await place.run(command.split(' '))).toMatchObject({
      code: 1,
      errors: `${place.desk} cannot be written: make it writable for this user, then try again.\n`,
      output: '',
    })
    expect(readdirSync(place.desk)).toEqual([])
  })

  test('is named by init', async () => {
    const { place, disk } = onSmallDisk('disk/shop')
    place.makeRepository({})
    disk.makeReadOnly()
    expect(await place.run(['init'], { cwd: place.project })).toMatchObject({
      code: 1,
      errors: `${place.project} cannot be written: make it writable for this user, then try again.\n`,
    })
  })

  test('is named when it has a project already, which stays as it was', async () => {
    const { place, disk } = onSmallDisk()
    await place.script('story Add a greeting')
    disk.makeReadOnly()
    expect(await place.script('status')).toMatchObject({
      code: 1,
      errors: `${join(place.project, '.huskies/state')} cannot be written: make it writable for this user, then try again.\n`,
      output: '',
    })
    expect(place.git('status', '--porcelain')).toBe('')
  })
})

describe('A full disk, at a start', () => {
  test.each(commands)('is said, and afterwards it works: huskies %s', async (command) => {
    const { place, disk } = onSmallDisk()
    disk.fill()
    expect(await place.run(command.split(' '))).toMatchObject({ code: 1, errors: full, output: '' })
    disk.free()
    expect(await place.run(command.split(' '))).toMatchObject({ code: 0, errors: '' })
  })

  test('is said of a project too, which stays as it was', async () => {
    const { place, disk } = onSmallDisk()
    await place.script('story Add a greeting')
    disk.fill()
    expect(await place.script('status')).toMatchObject({ code: 1, errors: full, output: '' })
    disk.free()
    expect(place.damage()).toBe('')
    expect((await place.script('status')).output).toContain('#1 Add a greeting')
  })

  test('leaves no half of an init', async () => {
    const { place, disk } = onSmallDisk('disk/shop')
    place.makeRepository({})
    disk.fill()
    const cwd = place.project
    expect(await place.run(['init'], { cwd })).toMatchObject({ code: 1, errors: full, output: '' })
    expect(existsSync(join(cwd, '.huskies/project.toml'))).toBe(false)
    disk.free()
    expect(await place.run(['init'], { cwd })).toMatchObject({ code: 0, errors: '' })
    expect(place.read('disk/shop/.huskies/project.toml')).toContain('base_branch = "main"')
  })
})

describe('A disk that fills up while an agent works', () => {
  test('ends a script at the first line that cannot be stored; the agent is adopted later', async () => {
    const { place, disk, program } = await withAgentAtWork()
    disk.fill()
    program.say('story Add a farewell')
    await expectToGoOn(place, disk, program)
  })

  test('does not keep a signal from ending the program; the agent is adopted later', async () => {
    const { place, disk, program } = await withAgentAtWork()
    disk.fill()
    program.child.kill('SIGTERM')
    await expectToGoOn(place, disk, program)
  })

  test('keeps nobody from going on once there is room: the agent ends meanwhile', async () => {
    const { place, disk, program } = await withAgentAtWork()
    disk.fill()
    place.go()
    await place.until(() => place.agents().length === 0, 'the agent has ended')
    disk.free()
    program.close()
    expect(await program.ended).toMatchObject({ code: 0, errors: '' })
    expect(place.records()).toMatchObject({ items: ['1 done'], unsaid: 0 })
    expect(place.landed()).toEqual(['merge 1'])
    expect(place.damage()).toBe('')
    expect(place.agents()).toEqual([])
  })

  test('is said to a person at a terminal, who then says it again', async () => {
    const { place, disk } = onSmallDisk()
    await using screen = place.open(['start', '--sample'])
    await screen.shows(/^> ?$/m)
    disk.fill()
    screen.type('story Add a greeting\r')
    await screen.shows(/^The disk is full: free some space, then try again\.$/m)
    disk.free()
    screen.type('story Add a greeting\r')
    await screen.shows(/^Item 1 is in the backlog/m)
    screen.type('\x04')
    expect(await screen.exit()).toBe(0)
    expect(place.damage()).toBe('')
  })
})
