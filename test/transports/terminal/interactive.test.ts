import { mkdtempDisposableSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { History } from '../../../src/transports/terminal/history.ts'
import { ScreenOf } from '../../support/screen.ts'

const program = new URL('../../support/echo-terminal.ts', import.meta.url)
const keys = { tab: '\t', enter: '\r', up: '\x1b[A', left: '\x1b[D', ctrlC: '\x03', ctrlD: '\x04' }

async function openScreen(options?: ConstructorParameters<typeof ScreenOf>[1]) {
  const screen = new ScreenOf(program, options)
  await screen.shows('>')
  return screen
}

test.concurrent('a line that is typed is sent, and the answer stands above a new prompt', async () => {
  await using screen = await openScreen()
  screen.type(`hello there${keys.enter}`)
  await screen.shows('> hello there\nYou said: "hello there"\n>')
})

test.concurrent('the tab key completes names and aliases, and shows the usage of a name that is whole', async () => {
  await using screen = await openScreen()
  screen.type(`BO${keys.tab}`)
  await screen.shows('> board')
  screen.type(keys.tab)
  await screen.shows('status [N]\n> board')
  screen.type(`3${keys.enter}`)
  await screen.shows(/You said: "board 3"/)
})

test.concurrent('the tab key once more lists all names that fit', async () => {
  await using screen = await openScreen()
  screen.type(`st${keys.tab}`)
  await screen.shows('> sta')
  screen.type(`${keys.tab}`)
  await screen.shows(/start {2,}status/)
})

test.concurrent('the history is kept for the next start, without secrets, where nobody else can read it', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'history-'))
  const file = join(folder.path, 'history')
  writeFileSync(file, 'of yesterday\n')
  const env = { HISTORY_FILE: file }
  {
    await using screen = await openScreen({ env })
    screen.type(`first${keys.enter}`)
    screen.type(`set token=abc${keys.enter}`)
    await screen.shows(/token=abc"\n>$/)
  }
  expect(readFileSync(file, 'utf8')).toBe('of yesterday\nfirst\n')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  await using screen = await openScreen({ env })
  screen.type(keys.up)
  await screen.shows('> first')
  screen.type(`${keys.up}${keys.enter}`)
  await screen.shows(/You said: "of yesterday"/)
})

test.concurrent('a reply that arrives while somebody types leaves the half line whole', async () => {
  await using screen = await openScreen()
  screen.type(`half a line${keys.left}${keys.left}`)
  await screen.shows('> half a line')
  screen.signal('SIGUSR2')
  await screen.shows('A word unasked.\n> half a line')
  expect(screen.cursorColumn).toBe('> half a li'.length)
  screen.type(`X${keys.enter}`)
  await screen.shows(/You said: "half a liXne"/)
})

test.concurrent('a reply above a half line of several rows with wide characters harms neither', async () => {
  await using screen = await openScreen({ columns: 20 })
  screen.type('狼狼狼狼狼狼狼狼狼狼狼狼狼狼狼狼狼狼狼狼狼狼')
  await screen.shows('> 狼狼狼狼狼狼狼狼狼\n狼狼狼狼狼狼狼狼狼狼\n狼狼狼')
  screen.signal('SIGUSR2')
  await screen.shows('A word unasked.\n> 狼狼狼狼狼狼狼狼狼\n狼狼狼狼狼狼狼狼狼狼\n狼狼狼')
})

test.concurrent('a line that ends in a backslash is continued, and the mark of the prompt tells so', async () => {
  await using screen = await openScreen()
  screen.type(`story Add\\${keys.enter}body${keys.enter}`)
  await screen.shows('> story Add\\\n. body\nYou said: "story Add\\nbody"\n>')
})

test.concurrent('a message that is streamed grows in its place', async () => {
  await using screen = await openScreen()
  screen.type(`stream one two${keys.enter}`)
  await screen.shows('> stream one two\none two\n>')
  screen.type('half')
  screen.signal('SIGUSR2')
  await screen.shows('> stream one two\none two\nmore\n> half')
  screen.signal('SIGUSR2')
  await screen.shows('> stream one two\none two\nmore\nmore\n> half')
})

test.concurrent('a message that is streamed grows on when its beginning has left the screen', async () => {
  await using screen = await openScreen({ rows: 5 })
  screen.type(`stream one${keys.enter}`)
  await screen.shows('> stream one\none\n>')
  const lines = ['> stream one', 'one']
  for (let count = 0; count < 8; count++) {
    lines.push('more')
    screen.signal('SIGUSR2')
    await screen.shows([...lines, '>'].join('\n'))
  }
})

test.concurrent('a message that is not the newest is printed again, marked as an update', async () => {
  await using screen = await openScreen()
  screen.type(`stream one${keys.enter}`)
  await screen.shows('> stream one\none\n>')
  screen.type(`hello${keys.enter}`)
  await screen.shows(/You said: "hello"\n>$/)
  screen.signal('SIGUSR2')
  await screen.shows(/one\n> hello\nYou said: "hello"\nUpdated:\none\nmore\n>$/)
})

test.concurrent('choices are numbered, and a number is answered with its label', async () => {
  await using screen = await openScreen()
  screen.type(`ask${keys.enter}`)
  await screen.shows(/Delete it\?\n\n1\. Delete it\n2\. Keep it\n\nAnswer with a number\.\n>$/)
  screen.type(`2${keys.enter}`)
  await screen.shows(/You said: "Keep it"\n>$/)
  screen.type(`2${keys.enter}`)
  await screen.shows(/You said: "2"\n>$/)
})

test.concurrent('the prompt shows that the bot is at work', async () => {
  await using screen = await openScreen()
  screen.type(`busy${keys.enter}`)
  await screen.shows(/\nworking >$/)
  screen.type(`idle${keys.enter}`)
  await screen.shows(/\n>$/)
})

test.concurrent('after a resize the half line is whole and messages are as wide as the terminal', async () => {
  await using screen = await openScreen()
  screen.type('half')
  await screen.shows('> half')
  const before = screen.raw.length
  screen.resize(30, 20)
  await vi.waitFor(() => expect(screen.raw.length).toBeGreaterThan(before))
  screen.type(` a line that is wider${keys.enter}`)
  await screen.shows('> half a line that is wider\nYou said: "half a line that is\nwider"\n>')
})

test.concurrent('Ctrl-C takes back what is half typed, and tells the program on an empty line', async () => {
  await using screen = await openScreen()
  screen.type(`story\\${keys.enter}half`)
  await screen.shows('> story\\\n. half')
  screen.type(keys.ctrlC)
  await screen.shows('> story\\\n>')
  screen.type(keys.ctrlC)
  await screen.shows('> story\\\nAgain to leave.\n>')
  screen.type(keys.ctrlC)
  await screen.shows(/ended: interrupted$/)
  expect(await screen.exit()).toBe(0)
})

test.concurrent('Ctrl-D on an empty line ends the input and leaves no prompt behind', async () => {
  await using screen = await openScreen()
  screen.type(keys.ctrlD)
  await screen.shows('ended: input-ended')
  expect(await screen.exit()).toBe(0)
})

test.concurrent('a message is coloured, but not with NO_COLOR', async () => {
  {
    await using screen = await openScreen()
    screen.signal('SIGUSR2')
    await screen.shows('A word unasked.\n>')
    expect(screen.raw).toContain('\x1b[1munasked\x1b[22m')
  }
  await using screen = await openScreen({ env: { NO_COLOR: '1' } })
  screen.signal('SIGUSR2')
  await screen.shows('A word unasked.\n>')
  expect(screen.raw).not.toContain('\x1b[1m')
})

test.concurrent('a terminal that cannot move its cursor gets lines and nothing else', async () => {
  await using screen = new ScreenOf(program, { env: { TERM: 'dumb' } })
  screen.type(`hello${keys.enter}`)
  await screen.shows(/You said: `"hello"`/)
  expect(screen.raw).not.toContain('\x1b')
})

test('a history that cannot be read is told in one sentence', () => {
  expect(() => new History(tmpdir())).toThrow(/cannot be read .*: mend or delete /)
})

test.concurrent('a history that cannot be written is told, and nothing else is harmed', async () => {
  await using screen = await openScreen({ env: { HISTORY_FILE: '/nowhere/history' } })
  screen.type(`hello${keys.enter}`)
  await screen.shows(/What you type is not remembered for the next start: ENOENT/)
  await screen.shows(/You said: "hello"\n>$/)
})
