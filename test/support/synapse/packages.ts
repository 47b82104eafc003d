import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { testCache } from '../test-cache.ts'

const run = promisify(execFile)

/** The only suite of Debian that has Synapse. */
const suite = 'sid'
const keyrings = ['gpg', 'pgp'].map((end) => `/usr/share/keyrings/debian-archive-keyring.${end}`)

/**
 * A folder with Debian's Synapse and all it needs, unpacked: fetched on first use by an apt with a
 * state of its own, so that nothing of this machine's packages is touched. Throws when it cannot be
 * had; the message says why.
 */
export async function synapsePackages(): Promise<string> {
  const tree = join(testCache(), 'synapse', 'tree')
  if (existsSync(join(tree, 'ready'))) return tree
  mkdirSync(join(testCache(), 'synapse'), { recursive: true })
  const work = await mkdtemp(join(testCache(), 'synapse', 'work-'))
  try {
    const root = join(work, 'tree')
    await unpack(await download(work), root)
    writeFileSync(join(root, 'ready'), '')
    // Two test runs may fetch it at the same time: the first to be done wins.
    await rename(root, tree).catch((error) => {
      if (!existsSync(join(tree, 'ready'))) throw error
    })
    return tree
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

async function download(work: string): Promise<readonly string[]> {
  const keyring = keyrings.find((path) => existsSync(path))
  if (!keyring) throw new Error('Synapse comes from Debian: this machine has no Debian keyring.')
  const apt = join(work, 'apt')
  for (const folder of ['state/lists/partial', 'cache/archives/partial', 'etc/preferences.d'])
    mkdirSync(join(apt, folder), { recursive: true })
  writeFileSync(join(apt, 'state/status'), '')
  writeFileSync(join(apt, 'apt.conf'), await configuration(apt))
  const env = { ...process.env, APT_CONFIG: join(apt, 'apt.conf') }
  const failures: unknown[] = []
  for (const mirror of mirrors()) {
    writeFileSync(
      join(apt, 'etc/sources.list'),
      `deb [signed-by=${keyring}] ${mirror} ${suite} main\n`,
    )
    try {
      await run('apt-get', ['-qq', '-o', 'APT::Update::Error-Mode=any', 'update'], { env })
      await run('apt-get', ['-qq', '-y', '--download-only', 'install', 'matrix-synapse'], { env })
      const archives = join(apt, 'cache/archives')
      const names = readdirSync(archives).filter((name) => name.endsWith('.deb'))
      return names.map((name) => join(archives, name))
    } catch (error) {
      failures.push(error)
    }
  }
  throw new AggregateError(
    failures,
    `No mirror of this machine serves Synapse from Debian ${suite}.`,
  )
}

/** The machine's own proxies and date checks, and none of its other settings. */
async function configuration(apt: string): Promise<string> {
  const { stdout } = await run('apt-config', ['dump'])
  const own = stdout
    .split('\n')
    .filter((line) => /^Acquire::(https?|Retries|Check-|Force)/.test(line))
  return [
    'Acquire::Retries "3"; Acquire::Check-Valid-Until "false"; Acquire::Languages "none";',
    ...own,
    `Dir "${apt}"; Dir::State "${apt}/state"; Dir::State::status "${apt}/state/status";`,
    `Dir::Cache "${apt}/cache"; Dir::Etc "${apt}/etc"; Dir::Etc::parts "-";`,
    'Dir::Etc::sourceparts "-"; Dir::Etc::netrc "/etc/apt/auth.conf";',
    'APT::Sandbox::User "root"; APT::Install-Recommends "false";',
  ].join('\n')
}

/** The addresses from which this machine gets its own packages. */
function mirrors(): readonly string[] {
  const folder = '/etc/apt/sources.list.d'
  const lists = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
  const texts = ['/etc/apt/sources.list', ...lists].filter((path) => existsSync(path))
  const words = texts
    .flatMap((path) => readFileSync(path, 'utf8').split('\n'))
    .flatMap((line) => {
      const uri = /^\s*(?:deb\s+(?:\[[^\]]*\]\s*)?|URIs:\s*)(https?:\S+)/.exec(line)?.[1]
      return uri && !uri.includes('security') ? [uri] : []
    })
  return [...new Set(words)]
}

async function unpack(archives: readonly string[], root: string): Promise<void> {
  // The packages put files below /lib, which is a link on every Debian of today.
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(root, 'usr', folder), { recursive: true })
    await run('ln', ['-s', `usr/${folder}`, join(root, folder)])
  }
  for (const archive of archives) {
    const contents = join(root, 'contents.tar')
    await run('sh', ['-c', 'dpkg-deb --fsys-tarfile "$1" > "$2"', 'sh', archive, contents])
    await run('tar', [
      '-xf',
      contents,
      '-C',
      root,
      '--keep-directory-symlink',
      '--no-same-owner',
      ...left,
    ])
    rmSync(contents)
  }
}

/** What no server needs. */
const left = ['doc', 'man', 'locale', 'info', 'javascript'].map(
  (each) => `--exclude=./usr/share/${each}`,
)
