import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { agentsAtWork } from '../support/marked-processes.ts'
import { cleanEnvironment, type Ended, Program } from '../support/program.ts'
import { ScreenOf } from '../support/screen.ts'
import { until } from '../support/until.ts'

const checkout = join(import.meta.dirname, '../..')
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'huskies-clone-')))
const installed = join(folder, 'installed')
const bare = join(folder, 'bare')
/** The machine's own programs, without those that this checkout's npm put before them. */
const path = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((entry) => !/node_modules|node-gyp/.test(entry))
  .join(delimiter)
const nodeVersion = (await import(pathToFileURL(join(checkout, 'bin/node-version.js')).href)) as {
  isNewEnough(version: string): boolean
}
const oldNode = findOldNode()
const { scripts } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>
}

beforeAll(async () => {
  for (const clone of [installed, bare])
    execFileSync('git', ['clone', '--quiet', checkout, clone], { stdio: 'pipe' })
  // npm's own settings and cache are the machine's: a person has them too.
  const cache = execFileSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8', stdio: 'pipe' })
  const env = { HOME: process.env.HOME ?? folder, npm_config_cache: cache.trim() }
  const { code, errors } = await npm(installed, ['install', '--prefer-offline'], { env })
  if (code !== 0) throw new Error(errors)
}, 600_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function npm(
  cwd: string,
  args: readonly string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
): Promise<Ended> {
  const own = { HOME: folder, PATH: path, ...env }
  return new Program(args, { command: ['npm'], cwd, input, env: own }).ended
}

function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: 'pipe' }).trim()
}

describe('In a fresh clone, after npm install', () => {
  test('npm start without input makes the sample and ends', async () => {
    const { code, output } = await npm(installed, ['start'])
    expect(code).toBe(0)
    expect(output).toContain('Say what you want: story Add a greeting')
  })

  test('npm start with three lines brings item 1 onto main', async () => {
    const input = 'help\nstory Add a greeting\nstart 1\n'
    const { code, output } = await npm(installed, ['start'], { input })
    expect(code).toBe(0)
    expect(output).toContain('Item 1 is on main: Add a greeting')
    const sample = join(installed, 'huskies-sample/project')
    expect(git(sample, 'log', '-1', '--format=%s', 'main')).toBe(
      'huskies: merge 1 story Add a greeting',
    )
  })

  test('npm run demo lands three items', async () => {
    const { code, output } = await npm(installed, ['run', 'demo'])
    expect(code).toBe(0)
    const [, log = ''] = output.split('git log --oneline main')
    expect(log.match(/huskies: merge [123] /g)).toHaveLength(3)
  })

  test('Ctrl-C ends npm run demo with its agents, though npm passes it on once more', async () => {
    const entry = pathToFileURL(
      realpathSync(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim()),
    )
    const env = { ...cleanEnvironment(folder), PATH: path }
    await using screen = new ScreenOf(entry, { args: ['run', 'demo'], cwd: installed, env })
    await screen.shows(/works on item \d/)
    expect(agentsAtWork(installed).size).toBeGreaterThan(0)
    screen.type('\x03')
    await screen.exit()
    await until(() => agentsAtWork(installed).size === 0, 'the agents are gone', 60_000)
    const resumed = await npm(installed, ['run', 'demo', '--', '--resume'])
    expect(resumed.code, resumed.output).toBe(0)
  })

  test('the clone itself stays clean', () => {
    expect(git(installed, 'status', '--porcelain')).toBe('')
  })
})

test('A Node counts as new enough from 22.18 on', () => {
  const old = ['18.20.4', '20.20.2', '22.17.1']
  const fit = ['22.18.0', '23.0.0', '24.1.0', '100.0.0']
  expect([...old, ...fit].filter(nodeVersion.isNewEnough)).toEqual(fit)
})

describe('With an old Node', () => {
  const reason = oldNode ? undefined : 'no old Node is in PATH'
  beforeEach((test) => test.skip(reason !== undefined, reason))

  function withOldNode(cwd: string, args: readonly string[], input = ''): Promise<Ended> {
    const { node = '' } = oldNode ?? {}
    const program = join(cwd, 'bin/huskies.js')
    const env = { HOME: folder, PATH: `${dirname(node)}${delimiter}${path}` }
    return new Program([program, ...args], { command: [node], cwd: folder, input, env }).ended
  }

  const advice = () =>
    `Huskies needs Node 22.18 or newer and this is ${oldNode?.version}: run "npm install" in the huskies folder, which brings one along, or install a newer Node.\n`

  test('the program runs on the one that npm install has brought along', async () => {
    expect(await withOldNode(installed, ['version'])).toMatchObject({ code: 0, errors: '' })
    const input = 'story Add a greeting\nstart 1\n'
    const { code, errors, output } = await withOldNode(installed, ['start', '--sample'], input)
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(output).toContain('Item 1 is on main')
  })

  test('before npm install the program says what to do', async () => {
    const ended = await withOldNode(bare, ['start', '--sample'])
    expect(ended).toMatchObject({ code: 1, errors: advice(), output: '' })
  })

  test.each(Object.keys(scripts))('and so does npm run %s', async (script) => {
    const env = { PATH: `${dirname(oldNode?.node ?? '')}${delimiter}${path}` }
    const ended = await npm(bare, ['run', '--silent', script], { env })
    expect(ended).toMatchObject({ code: 1, errors: advice(), output: '' })
  })
})

function findOldNode(): { node: string; version: string } | undefined {
  for (const entry of path.split(delimiter)) {
    const node = join(entry, 'node')
    if (!existsSync(node)) continue
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim().slice(1)
    if (!nodeVersion.isNewEnough(version)) return { node, version }
  }
  return undefined
}
