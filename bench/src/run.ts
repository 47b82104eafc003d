import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { agents } from './agents/case.ts'
import { dispatch } from './dispatch/case.ts'
import { footprint } from './footprint/case.ts'
import type { Case, Scale } from './harness.ts'
import { idle } from './idle/case.ts'
import { inbox } from './inbox/case.ts'
import { installPeers } from './install.ts'
import { describeMachine } from './machine.ts'
import { merge } from './merge/case.ts'
import { overlap } from './overlap/case.ts'
import { pipeline } from './pipeline/case.ts'
import { render } from './render/case.ts'
import { slack } from './slack/case.ts'
import { speaking } from './speaking/case.ts'
import { start } from './start/case.ts'
import { renderTable } from './table.ts'
import { worktree } from './worktree/case.ts'

const cases: readonly Case[] = [
  dispatch,
  overlap,
  inbox,
  worktree,
  merge,
  pipeline,
  agents,
  slack,
  speaking,
  render,
  start,
  footprint,
  idle,
]
const results = join(import.meta.dirname, '../results')

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
})
const unknown = positionals.find((name) => !cases.some((known) => known.name === name))
if (unknown === undefined) await run(positionals, values.quick)
else {
  const names = cases.map(({ name }) => name).join(', ')
  process.stderr.write(`There is no case "${unknown}": choose from ${names}.\n`)
  process.exitCode = 1
}

/** Runs the named cases, all of them where none is named; prints tables, then JSON in one line, which it stores too. */
async function run(names: readonly string[], quick: boolean): Promise<void> {
  await installPeers()
  const scale: Scale = { quick, rounds: quick ? 3 : 5 }
  const chosen = names.length === 0 ? cases : cases.filter(({ name }) => names.includes(name))
  const machine = describeMachine()
  const measured: Record<string, unknown> = {}
  say(`${machine.description}\n`)
  for (const { name, run } of chosen) {
    try {
      const report = await run(scale)
      measured[name] = report.results
      for (const table of report.tables) say(`${renderTable(table)}\n`)
    } catch (error) {
      process.stderr.write(`The case "${name}" could not be measured: ${String(error)}\n\n`)
      process.exitCode = 1
    }
  }
  const json = JSON.stringify({ machine, scale, results: measured }, fiveDigits)
  mkdirSync(results, { recursive: true })
  writeFileSync(join(results, 'latest.json'), `${json}\n`)
  say(json)
}

/** More digits than that would only pretend to mean something. */
function fiveDigits(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(5)) : value
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
