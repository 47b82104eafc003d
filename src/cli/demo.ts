import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type App, openApp } from '../app.ts'
import type { Courier } from '../bot/courier.ts'
import { showBoard } from '../commands/status.ts'
import { systemClock } from '../kernel/clock.ts'
import { Problem } from '../kernel/problem.ts'
import { Git } from '../pipeline/git/git.ts'
import { makeSample } from '../projects/sample.ts'
import { onSignal } from './signals.ts'

/** What the person in the demo says. The third item's first attempt forgets something. */
const script = [
  'story Add a greeting',
  'story depends 1 Add a farewell',
  'bug Shout louder',
  'start 1',
  'start 3',
]

/** The person at this machine, as at its terminal. */
const person = { id: 'terminal:you', name: 'You' }
const place = { transport: 'terminal', room: 'you' }
const longestMs = 120_000
const boardCheckMs = 50

/**
 * `huskies demo`: a person's five messages, and what becomes of them, until all three items are on
 * the base branch. Every message has an id of its own for ever, so that `--resume` can say all of
 * them again after a crash: what was stored is not done twice.
 */
export async function demo({ resume }: { readonly resume: boolean }): Promise<number> {
  const folder = join(process.cwd(), 'huskies-demo')
  const root = join(folder, 'project')
  if (!resume) await clear(folder, root)
  await makeSample(root, process.env)
  const app = await open(root)
  const stopped = Promise.withResolvers<'stopped'>()
  onSignal(systemClock, () => stopped.resolve('stopped'))
  const printBoard = boardPrinter(app)
  const stopPrinting = every(boardCheckMs, printBoard)
  try {
    app.start()
    for (const [index, text] of script.entries()) await say(app, index, text)
    const ending = await Promise.race([app.whenQuiet(), stopped.promise, timeUp()])
    printBoard()
    if (ending === 'stopped') return 130
    return await report(app, root)
  } finally {
    stopPrinting()
    await app.close()
  }
}

/** A demo that was cut short may have left agents at work: they are ended before its folder goes. */
async function clear(folder: string, root: string): Promise<void> {
  if (!existsSync(folder)) return
  if (!existsSync(join(root, '.huskies')) && !existsSync(`${root}.unfinished`))
    throw new Problem(
      'folder-taken',
      `${folder} is there already and was not made by the demo: move it away, or run the demo in another folder.`,
    )
  if (existsSync(join(root, '.huskies', 'state'))) {
    const app = await open(root)
    await app.close()
  }
  rmSync(folder, { recursive: true })
}

function open(root: string): Promise<App> {
  return openApp({
    root,
    env: process.env,
    owner: person.id,
    couriers: [printer],
    rooms: [place],
  })
}

/** Shows what the chat would show. */
const printer: Courier = {
  name: place.transport,
  capabilities: { edit: 'none', idempotentSend: true },
  parts: (message) => [message],
  async send({ id, text }) {
    process.stdout.write(`huskies> ${text.replaceAll('\n', '\n         ')}\n`)
    return { messageId: id }
  },
}

async function say(app: App, index: number, text: string): Promise<void> {
  process.stdout.write(`    you> ${text}\n`)
  await app.bot.receive({
    ...place,
    eventId: `demo-${index + 1}`,
    sender: person,
    text,
    direct: true,
    addressed: true,
    at: systemClock.now(),
  })
  await app.whenAnswered()
}

function boardPrinter(app: App): () => void {
  let shown = ''
  return () => {
    const board = showBoard(app.services)
    if (board === shown) return
    shown = board
    process.stdout.write(`\n${board}\n\n`)
  }
}

function every(ms: number, run: () => void): () => void {
  const timer = setInterval(run, ms)
  return () => clearInterval(timer)
}

function timeUp(): Promise<'late'> {
  return new Promise((resolve) => {
    setTimeout(() => resolve('late'), longestMs).unref()
  })
}

async function report(app: App, root: string): Promise<number> {
  const log = await new Git(root, process.env).run(['log', '--oneline', 'main'])
  process.stdout.write(`\ngit log --oneline main\n${log}`)
  const items = app.pipeline.all()
  const landed = items.filter(
    ({ stage }) => stage.kind === 'done' && stage.commit !== undefined,
  ).length
  if (items.length === 3 && landed === 3) return 0
  process.stderr.write(
    `Only ${landed} of 3 items landed: huskies-demo/project/.huskies/state has the log.\n`,
  )
  return 1
}
