import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Problem } from '../kernel/problem.ts'
import { readSettings } from '../kernel/settings.ts'
import { type ProjectPaths, projectPaths } from '../projects/paths.ts'
import { checkNetwork } from '../transports/check.ts'
import { guides, type NetworkName } from '../transports/guides.ts'
import { botFile } from '../transports/networks.ts'
import { Interview } from './interview.ts'

/** What the command line says of a network beside its name. */
export interface NetworkOptions {
  /** A server other than the usual one, where the network has one. */
  readonly server?: string | undefined
}

/**
 * Leads a person to a network's credentials, tries them, and writes them: secrets into files for the
 * owner alone, all else into bot.toml. Credentials that are not accepted are asked for again.
 */
export async function addNetwork(
  root: string,
  name: NetworkName,
  options: NetworkOptions,
): Promise<void> {
  const { first, questions, byHand } = guides[name]
  const paths = projectPaths(root)
  const file = join(paths.settings, 'bot.toml')
  if (readSettings(file, botFile)[name]) {
    if (byHand) return welcome(name, await check(paths, name))
    throw new Problem(
      'already-connected',
      `bot.toml has a table [${name}] already: huskies doctor tries what it says.`,
    )
  }
  using interview = new Interview()
  process.stdout.write(`\n${first}\n\n`)
  for (;;) {
    const answers = new Map<string, string>()
    for (const { key, asks, secret, optional } of questions) {
      const answer = await interview.ask(asks, secret)
      if (answer !== '' || !optional) answers.set(key, answer)
    }
    // The person at the phone is waited for, and Ctrl-C is to end that.
    if (byHand) interview[Symbol.dispose]()
    try {
      return welcome(name, await keep(paths, name, answers, options))
    } catch (error) {
      if (!(error instanceof Problem) || byHand) throw error
      process.stdout.write(`${error.message}\nOnce more, then; Ctrl-C leaves it for later.\n\n`)
    }
  }
}

function welcome(name: NetworkName, bot: string): void {
  const { title, meeting } = guides[name]
  process.stdout.write(
    `${title} knows the bot as ${bot}, and .huskies/bot.toml says so now.
Next: run huskies start. ${meeting(bot)}: it tells you a code.
Type admit CODE admin where huskies runs, and it serves you.
`,
  )
}

/** Writes the answers and tries them; what is not accepted is taken back. Returns the bot's name. */
async function keep(
  paths: ProjectPaths,
  name: NetworkName,
  answers: ReadonlyMap<string, string>,
  { server }: NetworkOptions,
): Promise<string> {
  const file = join(paths.settings, 'bot.toml')
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const secrets: string[] = []
  const lines = [...answers].map(([key, answer]) => {
    const { secret } = guides[name].questions.find((one) => one.key === key) ?? {}
    if (!secret) return `${key} = ${JSON.stringify(answer)}`
    const path = join('state', 'secrets', `${name}-${key.replaceAll('_', '-')}`)
    secrets.push(join(paths.settings, path))
    writeSecret(join(paths.settings, path), answer)
    return `${key}_file = ${JSON.stringify(path)}`
  })
  if (server !== undefined) lines.push(`api_root = ${JSON.stringify(server)}`)
  appendFileSync(file, `${before.endsWith('\n\n') ? '' : '\n'}[${name}]\n${lines.join('\n')}\n`)
  try {
    return await check(paths, name)
  } catch (error) {
    writeFileSync(file, before)
    for (const path of secrets) rmSync(path, { force: true })
    throw error
  }
}

/** Tries what bot.toml says of the network, and returns the bot's name there. */
async function check(paths: ProjectPaths, name: NetworkName): Promise<string> {
  const file = join(paths.settings, 'bot.toml')
  const bot = await checkNetwork(name, readSettings(file, botFile), {
    folder: paths.settings,
    state: paths.state,
    env: process.env,
    show: (text) => process.stdout.write(`${text}\n`),
  })
  if (bot === undefined) throw new Error(`bot.toml does not name ${name}.`)
  return bot
}

function writeSecret(path: string, secret: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  rmSync(path, { force: true })
  writeFileSync(path, `${secret}\n`, { mode: 0o600 })
}
