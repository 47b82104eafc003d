import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { markedProcesses, watchAgents } from '../support/marked-processes.ts'
import { Program, run } from '../support/program.ts'
import { seeded } from '../support/seeded.ts'

const moments = 20
/** A demo takes about so long, so that the moments are spread over all of it. */
const demoMs = 4_500

describe('A demo that is killed with -9 and resumed lands each item exactly once', () => {
  const random = seeded(20261123)
  for (let seed = 1; seed <= moments; seed++) {
    const moment = Math.round(((seed - random()) / moments) * demoMs)
    test(`killed after ${moment} ms`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'huskies-kill-'))
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
      const watch = watchAgents(folder)

      const first = new Program(['demo'], { cwd: folder })
      await Promise.race([first.ended, sleep(moment)])
      first.child.kill('SIGKILL')
      await first.ended
      const resumed = await run(['demo', '--resume'], { cwd: folder })
      const most = await watch.stop()

      expect(resumed.errors).toBe('')
      expect(resumed.code).toBe(0)
      expect(merges(folder)).toEqual(['merge 1', 'merge 2', 'merge 3'])
      expect(git(folder, 'status', '--porcelain')).toBe('')
      expect(git(folder, 'fsck', '--strict', '--no-dangling')).toBe('')
      expect(markedProcesses(folder)).toEqual([])
      expect(readdirSync(join(folder, 'huskies-demo/project.worktrees'))).toEqual(['merge'])
      expect(most).toBeLessThanOrEqual(1)
      const { items, open, unsaid } = records(folder)
      expect(items).toEqual(['1 done', '2 done', '3 done'])
      expect(open).toBe(0)
      expect(unsaid).toBe(0)
    })
  }
})

function merges(folder: string): string[] {
  return git(folder, 'log', '--format=%s', 'main')
    .split('\n')
    .flatMap((subject) => /^huskies: (merge \d+)/.exec(subject)?.[1] ?? [])
    .sort()
}

function git(folder: string, ...args: string[]): string {
  const cwd = join(folder, 'huskies-demo/project')
  return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: 'pipe' }).trim()
}

function records(folder: string) {
  const file = join(folder, 'huskies-demo/project/.huskies/state/pipeline.db')
  const db = new Database(file, { readonly: true })
  const count = (sql: string) => (db.prepare(sql).get() as { n: number }).n
  const items = db.prepare('SELECT id, stage FROM pipeline_items ORDER BY id').all() as {
    id: number
    stage: string
  }[]
  const found = {
    items: items.map(({ id, stage }) => `${id} ${stage}`),
    open: count("SELECT count(*) AS n FROM runs WHERE state <> 'ended'"),
    unsaid: count("SELECT count(*) AS n FROM outbox WHERE state <> 'sent'"),
  }
  db.close()
  return found
}
