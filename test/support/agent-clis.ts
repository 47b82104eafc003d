import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { testCache } from './test-cache.ts'

const run = promisify(execFile)

/** The agent programs that the end-to-end suites run for real: what the readers were written for. */
const packages = {
  'claude-code': { name: '@anthropic-ai/claude-code', version: '2.1.330', program: 'claude' },
  codex: { name: '@openai/codex', version: '0.169.0', program: 'codex' },
  gemini: { name: '@google/gemini-cli', version: '0.61.0', program: 'gemini' },
  opencode: { name: 'opencode-ai', version: '1.18.33', program: 'opencode' },
} as const

export type CliName = keyof typeof packages
export const cliNames = Object.keys(packages) as CliName[]

/**
 * The path of an agent program, installed once into the cache of the tests. Undefined, with a
 * word on why, where it cannot be installed; where nobody is looking (CI=true) that is an error.
 */
export async function agentCli(name: CliName): Promise<string | undefined> {
  const { version, program } = packages[name]
  const folder = join(testCache(), `${name}-${version}`)
  try {
    if (!existsSync(folder)) await install(name, folder)
    return join(folder, 'node_modules/.bin', program)
  } catch (error) {
    const reason = `${packages[name].name} ${version} could not be installed: ${error}`
    if (process.env.CI === 'true') throw new Error(reason)
    process.stderr.write(`${reason}\nIts tests are skipped.\n`)
    return undefined
  }
}

/** Complete or not there at all: it is made beside its place, tried, and renamed. */
async function install(name: CliName, folder: string): Promise<void> {
  await mkdir(testCache(), { recursive: true })
  const beside = await mkdtemp(`${folder}.`)
  try {
    const { name: packageName, version, program } = packages[name]
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
    await run('npm', ['install', '--prefix', beside, ...quiet, `${packageName}@${version}`])
    const home = { PATH: process.env.PATH, HOME: beside }
    const { stdout } = await run(join(beside, 'node_modules/.bin', program), ['--version'], {
      env: home,
    })
    if (!stdout.includes(version)) throw new Error(`it says that it is version ${stdout}`)
    await rename(beside, folder)
  } catch (error) {
    await rm(beside, { recursive: true, force: true })
    // Somebody else was quicker: theirs is as good.
    if (!existsSync(folder)) throw error
  }
}
