import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { GitTrunk } from '../../../src/pipeline/git/trunk.ts'
import { migrate } from '../../../src/store/migrations.ts'
import { Store } from '../../../src/store/store.ts'
import { FakeSetup } from '../../support/fake-setup.ts'
import { squashOf } from '../../support/git-rooms.ts'
import { gitEnvironment, RepositoryFixture } from '../../support/repository.ts'

const program = join(import.meta.dirname, '../../support/landing-program.ts')
const files = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`many/${n}.txt`, `${n}\n`]))

/** Lets another process land the branch, and kills it and all its gits `delayMs` after the start. */
async function killed(fixture: RepositoryFixture, database: string, delayMs: number) {
  const args = [program, fixture.root, fixture.worktrees, database, 'work']
  const child = spawn(process.execPath, args, { env: gitEnvironment, detached: true })
  await once(child.stdout, 'data')
  await pause(delayMs)
  if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

const longAgo = new Date('2020-01-01')

function locksOf({ root }: RepositoryFixture): string[] {
  const names = readdirSync(join(root, '.git'), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.lock')).map((name) => join(root, '.git', name))
}

// More often, with HUSKIES_LAW_RUNS: what can go wrong here depends on the moment.
const rounds = Number(process.env.HUSKIES_LAW_RUNS ?? 1)

test.each(Array.from({ length: rounds }, () => [10, 30, 50]).flat())(
  'Killed %i ms into a landing, it is before or after, never between.',
  async (ms) => {
    const fixture = new RepositoryFixture()
    fixture.git(['checkout', '--quiet', '-b', 'work'])
    fixture.commit('work', { ...files, 'readme.md': 'new\n', 'long.txt': null })
    fixture.git(['checkout', '--quiet', 'main'])
    fixture.write({ 'src/main.txt': 'mine\n', 'own.txt': 'mine\n' })
    const database = join(fixture.folder, 'pipeline.db')
    const store = Store.open(database)
    migrate(store, 0)
    store.close()

    await killed(fixture, database, ms)

    const reopened = Store.open(database)
    const trunk = new GitTrunk({
      repository: fixture.repository,
      directory: fixture.worktrees,
      setup: new FakeSetup(),
      store: reopened,
      clock: systemClock,
      log: silentLog,
    })
    const found = await trunk.finish()
    const land = async () => trunk.land(1, await squashOf(trunk, 'work'))
    const again = () => {
      for (const lock of locksOf(fixture)) utimesSync(lock, longAgo, longAgo)
      return land()
    }
    if (!found) {
      // A git that was killed too has left its lock; nobody can tell before it is old.
      const result = await land().catch((error) => (error.code === 'git-locked' ? again() : error))
      expect(result).toMatchObject({ kind: 'landed' })
    }
    trunk.forget(1)
    reopened.close()
    expect(fixture.git(['log', '--format=%s', 'main'])).toBe('huskies: merge\nfirst')
    expect(fixture.git(['diff', '--name-only', 'main', 'work'])).toBe('')
    expect(fixture.status()).toBe(' M src/main.txt\n?? own.txt')
    expect(locksOf(fixture)).toEqual([])
  },
)
