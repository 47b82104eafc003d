import { userInfo } from 'node:os'
import { join } from 'node:path'
import { type App, openApp } from '../app.ts'
import { usageOf } from '../bot/usage.ts'
import { systemClock } from '../kernel/clock.ts'
import { Problem } from '../kernel/problem.ts'
import { findCheckout } from '../projects/paths.ts'
import { makeSample } from '../projects/sample.ts'
import type { CommandHint } from '../transports/terminal/completion.ts'
import { TerminalTransport } from '../transports/terminal/terminal-transport.ts'
import { onSignal } from './signals.ts'

/**
 * `huskies start`: serves the project in this folder with a chat in the terminal, until its input
 * ends and everything that was begun is over, or until somebody stops it.
 */
export async function start(options: { readonly sample: boolean }): Promise<number> {
  const root = await findRoot(options.sample)
  const hints: CommandHint[] = []
  const interrupted = Promise.withResolvers<'interrupted'>()
  const person = userInfo().username
  const terminal = new TerminalTransport({
    input: process.stdin,
    output: process.stdout,
    person,
    clock: systemClock,
    random: Math.random,
    env: process.env,
    commands: hints,
    historyFile: join(root, '.huskies', 'state', 'terminal-history'),
    onInterrupt: () => interrupted.resolve('interrupted'),
  })
  const app = await openApp({
    root,
    env: process.env,
    owner: `terminal:${person}`,
    transports: [terminal],
    rooms: [terminal.place],
  })
  for (const { name, aliases = [], ...command } of app.registry.commands)
    hints.push({ name, aliases, usage: usageOf({ name, ...command }) })
  onSignal(systemClock, () => interrupted.resolve('interrupted'))
  process.stdout.write(`${welcome(root)}\n\n`)
  app.start()
  try {
    return await Promise.race([finish(app, terminal), interrupted.promise.then(() => 130)])
  } finally {
    await app.close()
  }
}

/** Resolves when nobody can say more, and everything that was said has come to its end. */
async function finish(app: App, terminal: TerminalTransport): Promise<number> {
  const ending = await terminal.ended
  if (ending.kind === 'failed') throw ending.error
  // On the other networks people go on talking.
  if (app.servesNetworks) return new Promise(() => {})
  if (ending.kind === 'input-ended') await app.whenQuiet()
  return 0
}

async function findRoot(sample: boolean): Promise<string> {
  const found = findCheckout(process.cwd())
  if (found) return found
  if (!sample)
    throw new Problem(
      'no-project',
      'There is no huskies project here: run "huskies init" in a git repository, or "huskies start --sample" to try one.',
    )
  const root = join(process.cwd(), 'huskies-sample', 'project')
  await makeSample(root, process.env)
  return root
}

function welcome(root: string): string {
  return `Huskies serves the project in ${root}.
Say what you want: story Add a greeting, then start 1, and watch it with status.
Anything else is answered too; help lists the commands, Ctrl-C stops.`
}
