import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { networkNames } from '../../src/transports/guides.ts'
import type { Ended } from '../support/program.ts'
import { Workplace } from '../support/workplace.ts'

const noProject =
  'There is no huskies project here: run "huskies init" in a git repository, or "huskies start --sample" to try one.'

/** One sentence on standard error, exit code 1, and nothing else. */
function expectRefusal(ended: Ended, sentence: string): void {
  expect(ended).toMatchObject({ code: 1, errors: `${sentence}\n`, output: '' })
}

/** A place whose project is a repository of a person's own, in which programs are started. */
function ownRepository(files: Readonly<Record<string, string>> = { 'readme.md': '# Shop\n' }) {
  const place = new Workplace({ desk: 'shop', project: 'shop' })
  place.makeRepository(files)
  return place
}

/** A program of that name that is found before any other; the rest of PATH stays. */
function shadow(place: Workplace, name: string, source: string): Record<string, string> {
  place.write(`bin/${name}`, source)
  chmodSync(join(place.folder, `bin/${name}`), 0o755)
  return { PATH: `${join(place.folder, 'bin')}:${process.env.PATH}` }
}

describe('A command line that is not understood is refused in one sentence', () => {
  test.each([
    [['frobnicate'], 'There is no command "frobnicate": huskies help lists them.'],
    [
      ['start', '--smaple'],
      '"huskies start --smaple" is not understood: huskies help shows what start takes.',
    ],
    [
      ['init', 'here'],
      '"huskies init here" is not understood: huskies help shows what init takes.',
    ],
    [['start'], noProject],
  ])('huskies %j', async (args, sentence) => {
    const place = new Workplace()
    expectRefusal(await place.run(args), sentence)
    expect(readdirSync(place.folder)).toEqual([])
  })

  test('help, and nothing at all, show what there is', async () => {
    const place = new Workplace()
    for (const args of [['help'], ['--help'], []]) {
      const { code, output, errors } = await place.run(args)
      expect({ code, errors }).toEqual({ code: 0, errors: '' })
      expect(output).toMatch(/^Usage: huskies COMMAND\n/)
      for (const network of networkNames) expect(output).toContain(network)
    }
  })
})

test('A message that is not understood is answered in one sentence and changes nothing', async () => {
  const place = new Workplace()
  const { code, errors, output } = await place.script(
    'stauts',
    'start x',
    'start 999',
    'start',
    'delete 7',
    'story',
    'list',
  )
  expect({ code, errors }).toEqual({ code: 0, errors: '' })
  const [, answers = ''] = output.split('\n\n')
  expect(answers.split('\n').slice(0, 6)).toEqual([
    'There is no command `stauts`: did you mean `status`? `help` lists them all.',
    'N must be an item number such as 12 or #12, not "x"; usage: `start N [agent]`.',
    'There is no item 999: look for its number with "list".',
    '`start` needs N, an item number such as 12 or #12; usage: `start N [agent]`.',
    'There is no item 7: look for its number with "list".',
    expect.stringContaining('`story` needs title; usage: `story '),
  ])
  expect(place.records()).toEqual({ items: [], runs: [], unsaid: 0 })
})

describe('A repository of a person’s own', () => {
  const files = {
    'script/agent':
      '#!/bin/sh\necho "$HUSKIES_ITEM_NAME" >>done.txt\ngit add done.txt\ngit commit -qm Work\n',
    'script/test': '#!/bin/sh\ntest -s done.txt || test ! -e must-be-done\n',
  }

  test('becomes a project with init, and its items land there', async () => {
    const place = ownRepository(files)
    const made = await place.run(['init'])
    expect(made).toMatchObject({ code: 0, errors: '' })
    expect(made.output).toContain('.huskies/project.toml')
    expect(made.output).toContain('will land on main')
    const settings = join(place.project, '.huskies/project.toml')
    const agent = '[[agent]]\nname = "coder-1"\ncommand = ["script/agent"]\n'
    writeFileSync(settings, `${readFileSync(settings, 'utf8')}\n${agent}`)
    place.git('add', '--all')
    place.git('commit', '--quiet', '-m', 'Huskies')

    const input = 'story Say hello\nstart 1\n'
    const { code, errors, output } = await place.run(['start'], { input })
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(output).toContain('Item 1 is on main: Say hello')
    expect(place.git('show', 'main:done.txt')).toBe('Say hello')
    expect(place.read('shop/done.txt')).toBe('Say hello\n')
    expect(place.git('status', '--porcelain')).toBe('')
    expect(place.git('log', '-1', '--format=%an <%ae>')).toBe('Anna <anna@example.org>')
  })

  test('is a project once: a second init changes nothing', async () => {
    const place = ownRepository()
    await place.run(['init'])
    const before = place.read('shop/.huskies/project.toml')
    expectRefusal(
      await place.run(['init']),
      `${place.project} is a huskies project already: run huskies start in it.`,
    )
    expect(place.read('shop/.huskies/project.toml')).toBe(before)
  })

  test('is told the nearest known key where a setting has an unknown one', async () => {
    const place = ownRepository()
    await place.run(['init'])
    place.write('shop/.huskies/project.toml', 'max_coderz = 2\n')
    expectRefusal(
      await place.run(['start']),
      'project.toml: `max_coderz` is not a setting: did you mean `max_coders`?',
    )
    place.write('shop/.huskies/project.toml', 'max_coders = "two\n')
    const { code, errors } = await place.run(['start'])
    expect(code).toBe(1)
    expect(errors).toMatch(/^project\.toml, line 1: .+\.\n$/)
    expect(readdirSync(join(place.project, '.huskies'))).not.toContain('state')
  })

  test('is needed: a folder without one is left as it is', async () => {
    const place = new Workplace()
    const sentence = `${place.folder} is not in a git repository: run huskies init in one.`
    expectRefusal(await place.run(['init']), sentence)
    expect(readdirSync(place.folder)).toEqual([])
    place.write('.huskies/project.toml', '')
    expectRefusal(await place.run(['start']), sentence)
    expect(readdirSync(join(place.folder, '.huskies'))).toEqual(['project.toml'])
  })

  test('without a commit, with a detached HEAD or without a name it is told what to do', async () => {
    const place = ownRepository()
    place.git('checkout', '--quiet', '--detach')
    expectRefusal(
      await place.run(['init']),
      'No branch is checked out: check out the branch that work is to land on, or name it as base_branch in .huskies/project.toml.',
    )
    place.git('checkout', '--quiet', '--orphan', 'empty')
    place.git('branch', '--quiet', '-D', 'main')
    expectRefusal(
      await place.run(['init']),
      'The repository has no commit yet: make the first one with git commit --allow-empty -m "first commit".',
    )
    place.git('commit', '--quiet', '--allow-empty', '-m', 'first')
    place.git('config', '--unset', 'user.email')
    expectRefusal(
      await place.run(['init']),
      'git does not know who you are: run git config --global user.name "Your Name" and git config --global user.email you@example.org.',
    )
    expect(readdirSync(place.project).sort()).toEqual(['.git', 'readme.md'])
  })

  test('may have a detached HEAD once its base branch is named', async () => {
    const place = ownRepository()
    await place.run(['init'])
    place.git('checkout', '--quiet', '--detach')
    expect(await place.run(['start'])).toMatchObject({ code: 0, errors: '' })
    place.write('shop/.huskies/project.toml', 'base_branch = "trunk"\n')
    expectRefusal(
      await place.run(['start']),
      'There is no branch trunk: make it, or name another one as base_branch in .huskies/project.toml.',
    )
  })
})

describe('A git that will not do is named before anything is made', () => {
  const oldGit =
    '#!/bin/sh\ncase "$*" in\n*version) echo "git version 2.20.1" ;;\n*) exit 129 ;;\nesac\n'
  const commands = ['start --sample', 'demo', 'init']

  test.each(commands)('an old one: huskies %s', async (command) => {
    const place = new Workplace({ desk: 'desk' })
    const env = shadow(place, 'git', oldGit)
    expectRefusal(
      await place.run(command.split(' '), { env }),
      'git 2.20.1 is too old: install git 2.38 or newer.',
    )
    expect(readdirSync(place.desk)).toEqual([])
  })

  test.each(commands)('none at all: huskies %s', async (command) => {
    const place = new Workplace()
    const env = { PATH: dirname(process.execPath) }
    expectRefusal(
      await place.run(command.split(' '), { env }),
      'git cannot be started: install git 2.38 or newer.',
    )
    expect(readdirSync(place.folder)).toEqual([])
  })
})

describe('Two programs on one folder', () => {
  test('the second refuses and names the first, which goes on', async () => {
    const place = new Workplace()
    const first = place.start(['start', '--sample'])
    await first.until('help lists the commands')
    const second = await place.script('story Never heard of')
    expect(second).toMatchObject({ code: 1, output: '' })
    expect(second.errors).toMatch(
      /^Huskies already serves this folder \(process \d+ on \S+, since \S+ \S+ UTC\): use that one, or stop it first\.\n$/,
    )
    expect(second.errors).toContain(`(process ${first.child.pid} on ${hostname()},`)
    first.say('story Add a greeting')
    first.close()
    expect(await first.ended).toMatchObject({ code: 0, errors: '' })
    expect(place.records().items).toEqual(['1 backlog'])
  })

  test('after kill -9 of the first the next one starts', async () => {
    const place = new Workplace()
    const first = place.start(['start', '--sample'])
    await first.until('help lists the commands')
    first.child.kill('SIGKILL')
    await first.ended
    expect(await place.script('story Add a greeting')).toMatchObject({ code: 0, errors: '' })
    expect(place.records().items).toEqual(['1 backlog'])
  })
})
