import { execFile } from 'node:child_process'
import { statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { programOf } from '../agents/runtimes/program.ts'
import { Problem } from '../kernel/problem.ts'
import { readSettings } from '../kernel/settings.ts'
import { Git } from '../pipeline/git/git.ts'
import { openRepository } from '../pipeline/git/repository.ts'
import { checkGitVersion, readGitVersion } from '../pipeline/git/version.ts'
import { type AgentSettings, type ProjectSettings, projectSettings } from '../pipeline/settings.ts'
import { findProgram } from '../processes/program.ts'
import { examineDatabase } from '../projects/examine-database.ts'
import { findCheckout, type ProjectPaths, projectPaths } from '../projects/paths.ts'
import { checkNetwork } from '../transports/check.ts'
import { guides, networkNames } from '../transports/guides.ts'
import { type BotFile, botFile } from '../transports/networks.ts'

/** Something that was looked at. */
export interface Checkup {
  readonly what: string
  /**
   * Returns what was found, and undefined where it does not concern this project. Throws `Problem`
   * with what is wrong and how to mend it, or `Remark` with what only some need.
   */
  look(): string | undefined | Promise<string | undefined>
}

/** What is missing, and only some need. */
export class Remark extends Error {}

const run = promisify(execFile)
const answerMs = 10_000
/** The program that a runtime is, where the settings do not say otherwise. */
const programs = {
  'claude-code': 'claude',
  codex: 'codex',
  gemini: 'gemini',
  opencode: 'opencode',
} as const

/** Everything that can be looked at here, in the order in which it should be mended. */
export function checkups(folder: string, env: NodeJS.ProcessEnv): Checkup[] {
  const found = findCheckout(folder)
  const machine: Checkup[] = [
    { what: 'Node', look: () => process.versions.node },
    { what: 'git', look: () => git(folder, env) },
    { what: 'Docker', look: docker },
    { what: 'Project', look: () => project(found) },
  ]
  if (found === undefined) return machine
  const paths = projectPaths(found)
  const readings: Checkup[] = [
    { what: 'project.toml', look: () => readProject(paths) && 'is understood' },
    { what: 'bot.toml', look: () => readBot(paths) && 'is understood' },
    { what: 'Repository', look: () => repository(paths, env) },
    { what: 'State folder', look: () => stateFolder(paths) },
    { what: 'Database', look: () => examineDatabase(join(paths.state, 'pipeline.db')) },
    { what: 'Disk', look: () => disk(paths) },
  ]
  return [...machine, ...readings, ...agents(paths, env), ...networks(paths, env)]
}

async function git(folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const version = await readGitVersion(new Git(folder, env))
  checkGitVersion(version)
  return version.trim().replace(/^git version /, '')
}

async function docker(): Promise<string> {
  try {
    const { stdout } = await run('docker', ['version', '--format', '{{.Server.Version}}'], {
      timeout: answerMs,
    })
    return stdout.trim()
  } catch {
    throw new Remark('no engine answers: it is needed for projects in containers alone')
  }
}

function project(root: string | undefined): string {
  if (root !== undefined) return root
  throw new Problem('no-project', 'There is none here: run huskies init in a git repository.')
}

function readProject({ settings }: ProjectPaths): ProjectSettings {
  return readSettings(join(settings, 'project.toml'), projectSettings)
}

function readBot({ settings }: ProjectPaths): BotFile {
  return readSettings(join(settings, 'bot.toml'), botFile)
}

async function repository(paths: ProjectPaths, env: NodeJS.ProcessEnv): Promise<string> {
  const { base, identity } = await openRepository(paths.root, {
    baseBranch: readProject(paths).base_branch,
    environment: env,
  })
  return `work lands on ${base}, as ${identity.name} <${identity.email}>`
}

function stateFolder({ state }: ProjectPaths): string {
  const found = statSync(state, { throwIfNoEntry: false })
  if (!found) return 'is made by the first start'
  if (process.platform !== 'win32' && (found.mode & 0o022) !== 0)
    throw new Problem(
      'open-state',
      `Others can change ${state}, and with it what huskies does: run chmod go-w ${state}.`,
    )
  return 'nobody else can change it'
}

function disk(paths: ProjectPaths): string {
  const { bavail, bsize } = statfsSync(paths.root)
  const free = Math.floor((bavail * bsize) / 1_000_000)
  const least = readProject(paths).min_free_mb
  if (free >= least) return `${free} MB are free`
  throw new Problem(
    'disk-full',
    `Only ${free} MB are free, and agents start from ${least} MB on (min_free_mb in project.toml): free some space.`,
  )
}

function agents(paths: ProjectPaths, env: NodeJS.ProcessEnv): Checkup[] {
  const all = readable(() => readProject(paths))?.agent ?? []
  const none: Checkup = {
    what: 'Agents',
    look() {
      throw new Problem('no-agent', 'There is none: name one with [[agent]] in project.toml.')
    },
  }
  if (all.length === 0) return [none]
  return all.map((agent) => ({
    what: `Agent ${agent.name}`,
    look: () => programFor(agent, paths.root, env),
  }))
}

async function programFor(
  { runtime, command }: AgentSettings,
  root: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const named = command ?? (runtime === 'shell' ? undefined : ([programs[runtime]] as const))
  if (!named) throw new Problem('no-command', 'Say in project.toml which command it is.')
  const path = findProgram({ ...programOf(named, root), cwd: root, env: definedOf(env) })
  if (runtime === 'shell') return path
  try {
    const { stdout } = await run(path, ['--version'], { timeout: answerMs, env })
    return `${path}, ${stdout.trim().split('\n')[0]}`
  } catch (cause) {
    const sentence = `${path} --version fails: try it in this terminal, and install it again.`
    throw new Problem('broken-program', sentence, { cause })
  }
}

function networks({ settings, state, ...paths }: ProjectPaths, env: NodeJS.ProcessEnv): Checkup[] {
  const bot = readable(() => readBot({ settings, state, ...paths }))
  return networkNames.map((name) => ({
    what: guides[name].title,
    async look() {
      const known = bot && (await checkNetwork(name, bot, { folder: settings, state, env }))
      return known === undefined ? undefined : `the bot is ${known}`
    },
  }))
}

/** What cannot be read is told by its own checkup. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}

function definedOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
