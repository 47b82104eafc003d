import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import type { Program } from '../support/program.ts'
import { Workplace } from '../support/workplace.ts'

const ctrlC = '\x03'

/** A sample with an agent at work on item 1, who waits for the test. */
async function withAgentAtWork(): Promise<{ place: Workplace; program: Program }> {
  const place = new Workplace()
  await place.makeAgentsWait()
  const program = place.start(['start', '--sample'])
  program.say('story Add a greeting')
  program.say('start 1')
  await place.atWork(1)
  // It is at work a moment before that is stored, which is what attach goes by.
  await program.until('works on item 1')
  return { place, program }
}

describe('While its agent works, attach joins a person to it', () => {
  test('what it has said and what it says is shown to its end, beside the program', async () => {
    const { place, program } = await withAgentAtWork()
    await using screen = place.open(['attach', '1'], { cwd: place.project })
    await screen.shows(/^Waiting\.$/m)
    place.go()
    await screen.shows(/^Waiting\.\nReading the item: Add a greeting\n[\s\S]*\nCommitted\.$/)
    expect(await screen.exit()).toBe(0)
    program.close()
    expect(await program.ended).toMatchObject({ code: 0, errors: '' })
    expect(place.landed()).toEqual(['merge 1'])
  })

  test('a person who leaves with Ctrl-C leaves the agent at work', async () => {
    const { place, program } = await withAgentAtWork()
    await using screen = place.open(['attach', '#1'], { cwd: place.project })
    await screen.shows(/^Waiting\.$/m)
    screen.type(ctrlC)
    await screen.exit()
    expect(place.agents()).not.toEqual([])
    place.go()
    program.close()
    expect(await program.ended).toMatchObject({ code: 0, errors: '' })
    expect(place.records().runs).toEqual(['r1 1 ended'])
  })

  test('an agent that has outlived its program can be followed too', async () => {
    const { place, program } = await withAgentAtWork()
    program.child.kill('SIGKILL')
    await program.ended
    await using screen = place.open(['attach', '1'], { cwd: place.project })
    await screen.shows(/^Waiting\.$/m)
    place.go()
    await screen.shows(/^Committed\.$/m)
    expect(await screen.exit()).toBe(0)
  })
})

describe('Without an agent, attach opens a shell in the worktree', () => {
  test('it has the facts of the item, and its exit code is the exit code', async () => {
    const { place, program } = await withAgentAtWork()
    program.child.kill('SIGTERM')
    await program.ended
    const worktree = join(place.folder, 'huskies-sample/project.worktrees/item-1')
    const env = { SHELL: '/bin/sh', PS1: '$ ' }
    await using screen = place.open(['attach', '1'], { cwd: place.project, env })
    await screen.shows('$')
    screen.type('pwd\r')
    await screen.shows(`$ pwd\n${worktree}\n$`)
    screen.type('echo $HUSKIES_ITEM $HUSKIES_ITEM_NAME, $HUSKIES_BRANCH\r')
    await screen.shows(/^1 Add a greeting, feature\/item-1$/m)
    screen.type('exit 3\r')
    expect(await screen.exit()).toBe(3)
  })

  test('from within a worktree the numbers are those of its project', async () => {
    const { place, program } = await withAgentAtWork()
    program.child.kill('SIGTERM')
    await program.ended
    const worktree = join(place.folder, 'huskies-sample/project.worktrees/item-1')
    const env = { SHELL: '/bin/sh' }
    const shell = place.start(['attach', '1'], { cwd: worktree, env })
    shell.say('pwd')
    shell.say('exit 4')
    shell.close()
    const attached = await shell.ended
    expect(attached).toMatchObject({ code: 4, errors: '' })
    expect(attached.output).toContain(worktree)
  })
})

describe('Attach says in one sentence what is missing', () => {
  test.each([
    ['x', '"x" is no item number: type huskies attach 12, for instance.'],
    ['0', '"0" is no item number: type huskies attach 12, for instance.'],
    ['1', 'Item 1 has no worktree and no agent: "start 1" gives it both.'],
    ['999', 'There is no item 999: "list" in the chat shows all.'],
  ])('attach %s', async (number, sentence) => {
    const place = new Workplace()
    await place.script('story Add a greeting')
    const attached = await place.run(['attach', number], { cwd: place.project })
    expect(attached).toMatchObject({ code: 1, errors: `${sentence}\n`, output: '' })
  })

  test('with a database of an older huskies', async () => {
    const place = new Workplace()
    await place.script('story Add a greeting')
    const db = new Database(join(place.project, '.huskies/state/pipeline.db'))
    db.exec('DELETE FROM migrations WHERE number = (SELECT max(number) FROM migrations)')
    db.close()
    expect(await place.run(['attach', '1'], { cwd: place.project })).toMatchObject({
      code: 1,
      errors:
        'The database was written by an older huskies: run huskies start once, which brings it up to date.\n',
    })
  })

  test('without a number, without a project, and before the first start', async () => {
    const place = new Workplace()
    expect(await place.run(['attach'])).toMatchObject({
      code: 1,
      errors: '"huskies attach" is not understood: huskies help shows what attach takes.\n',
    })
    expect(await place.run(['attach', '1'])).toMatchObject({
      code: 1,
      errors: 'There is no huskies project here: go to the one that you mean.\n',
    })
    place.write('.huskies/project.toml', '')
    expect(await place.run(['attach', '1'])).toMatchObject({
      code: 1,
      errors: `Nothing was ever started in ${place.folder}: run huskies start there.\n`,
    })
  })
})
