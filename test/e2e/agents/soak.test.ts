import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { stringify } from 'smol-toml'
import { expect, test } from 'vitest'
import { watchAgents, zombiesOf } from '../../support/marked-processes.ts'
import type { Program } from '../../support/program.ts'
import { seeded } from '../../support/seeded.ts'
import { Workplace } from '../../support/workplace.ts'

const wanted = Number(process.env.HUSKIES_SOAK_RUNS ?? 40)
const random = seeded(20261124)
/** So many items are coded or wait for that at a time. */
const inFlight = 6
/** Only catches a hang. */
const patienceMs = 120_000
const coders = 4
/** Those stay: so many items are judged at a time. */
const mergeFolders = ['merge', 'merge-2', 'merge-3', 'merge-4']

/** Does something else in each of its runs; one in ten is killed in a commit, fails, forgets to commit, or leaves a daemon. */
const agent = `#!/bin/sh
n=$(printf %s "$HUSKIES_RUN" | cksum | cut -d' ' -f1)
case $((n % 10)) in
0) : >"$(git rev-parse --git-path index.lock)"; kill -9 $$ ;;
1) echo "I give up."; exit 3 ;;
2) echo half >"item-$HUSKIES_ITEM.txt"; exit 0 ;;
3) setsid sleep 600 >/dev/null 2>&1 & ;;
4) sleep 2 ;;
*) sleep 0.$((n % 7)) ;;
esac
echo "$HUSKIES_RUN" >"item-$HUSKIES_ITEM.txt"
git add --all && git commit --quiet -m "Item $HUSKIES_ITEM"
`

test(`after ${wanted} short runs, killed and crashed at random, nothing is left and nothing is lost`, {
  timeout: 120_000 + wanted * 6_000,
}, async () => {
  const place = furnished()
  const watch = watchAgents(place.folder)

  while (runsOf(place).length < wanted) await crashSoon(place)
  const last = place.start(['start'])
  await finishAll(place, last)
  const before = await idleDescriptors(last)
  order(inFlight, last)
  await place.until(() => stagesOf(place).includes('backlog'), 'the last items are there')
  await finishAll(place, last)
  await place.until(() => zombiesOf(last.child.pid).length === 0, 'no zombie is left')
  expect(await idleDescriptors(last)).toBeLessThanOrEqual(before + 1)
  last.close()

  expect(await last.ended).toMatchObject({ code: 0, errors: '' })
  expect(await watch.stop()).toBe(1)
  const items = stagesOf(place).map((_, index) => index + 1)
  expect(place.landed().toSorted()).toEqual(items.map((item) => `merge ${item}`).toSorted())
  for (const item of items) expect(place.git('show', `main:item-${item}.txt`)).toMatch(/^r\d+$/)
  expect(new Set(runsOf(place))).toEqual(new Set(['ended']))
  expect(unsaid(place)).toEqual([])
  expect(place.damage()).toBe('')
  expect(place.agents()).toEqual([])
  expect(locksIn(join(place.project, '.git'))).toEqual([])
  expect(readdirSync(`${place.project}.worktrees`)).toEqual(mergeFolders)
})

function furnished(): Workplace {
  const place = new Workplace({ desk: 'shop', project: 'shop' })
  const names = Array.from({ length: coders }, (_, index) => `coder-${index + 1}`)
  place.makeRepository({
    'script/agent': agent,
    'script/test': '#!/bin/sh\n',
    '.huskies/.gitignore': 'state/\n',
    '.huskies/project.toml': stringify({
      max_coders: coders,
      merge: { batch: mergeFolders.length },
      // What ends them here is never the item's fault.
      max_retries: 1_000,
      agent: names.map((name) => ({ name, command: ['script/agent'] })),
    }),
  })
  return place
}

/** Starts the program, lets it work while agents are killed, and ends it in one way or another. */
async function crashSoon(place: Workplace): Promise<void> {
  const program = place.start(['start'])
  const looks = Math.floor(random() * 30)
  if (looks > 1) await program.until('lists the commands')
  for (let look = 0; look < looks; look++) {
    if (look % 8 === 0) order(inFlight - stagesOf(place).filter(isCoded).length, program)
    startAll(place, program)
    await sleep(random() * 300)
    if (random() < 0.3) killSomebody(place)
  }
  const signal = looks > 1 && random() < 0.3 ? 'SIGTERM' : 'SIGKILL'
  program.child.kill(signal)
  const ended = await Promise.race([program.ended, sleep(patienceMs, 'it goes on')])
  expect(ended, program.output).toMatchObject(signal === 'SIGKILL' ? { signal } : { code: 130 })
}

/** Lets the program work until all items are done; fails when nothing happens any more. */
async function finishAll(place: Workplace, program: Program): Promise<void> {
  let seen = ''
  let since = Date.now()
  for (let look = 0; ; look++) {
    if (look % 10 === 0) startAll(place, program)
    const now = [...stagesOf(place), ...runsOf(place), ...unsaid(place)].join()
    if (/^(done,|ended,)*ended$/.test(now)) return
    if (now !== seen) since = Date.now()
    seen = now
    if (Date.now() - since > patienceMs)
      throw new Error(`it stands still: ${now}\n${program.output}`)
    await sleep(100)
  }
}

function isCoded(stage: string): boolean {
  return stage === 'backlog' || stage === 'coding' || stage === 'blocked'
}

function order(count: number, program: Program): void {
  for (let item = 0; item < count; item++) program.say('story One more thing')
}

/** Whatever waits for a person goes on. */
function startAll(place: Workplace, program: Program): void {
  for (const [index, stage] of stagesOf(place).entries()) {
    if (stage === 'backlog') program.say(`start ${index + 1}`)
    if (stage === 'blocked') program.say(`unblock ${index + 1}`)
  }
}

function killSomebody(place: Workplace): void {
  const living = place.agents()
  const chosen = living[Math.floor(random() * living.length)]
  if (chosen === undefined) return
  try {
    process.kill(Number.parseInt(chosen, 10), 'SIGKILL')
  } catch (error) {
    // It ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The stage of each item, in the order of their numbers. */
function stagesOf(place: Workplace): string[] {
  return query(place, 'SELECT stage FROM pipeline_items ORDER BY id')
}

function runsOf(place: Workplace): string[] {
  return query(place, 'SELECT state FROM runs')
}

/** A message that was under way when the program was killed may stay unknown: nobody says it twice. */
function unsaid(place: Workplace): string[] {
  return query(place, "SELECT text FROM outbox WHERE state NOT IN ('sent', 'unknown')")
}

/** Nothing, where the very first program was killed before it made its tables. */
function query(place: Workplace, sql: string): string[] {
  const file = join(place.project, '.huskies/state/pipeline.db')
  if (!existsSync(file)) return []
  using db = opened(file)
  const tables = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'outbox'").all()
  return tables.length === 0 ? [] : (db.prepare(sql).pluck().all() as string[])
}

function opened(file: string): Database.Database & Disposable {
  const db = new Database(file, { readonly: true })
  return Object.assign(db, { [Symbol.dispose]: () => void db.close() })
}

/** The fewest descriptors that it has within a second: it may still be tidying up. */
async function idleDescriptors({ child }: Program): Promise<number> {
  const counts: number[] = []
  for (let look = 0; look < 20; look++) {
    counts.push(readdirSync(`/proc/${child.pid}/fd`).length)
    await sleep(50)
  }
  return Math.min(...counts)
}

function locksIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return files.filter((name) => name.endsWith('.lock'))
}
