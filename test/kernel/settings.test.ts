import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { botSettings } from '../../src/bot/settings.ts'
import { readSettings } from '../../src/kernel/settings.ts'
import { projectSettings } from '../../src/pipeline/settings.ts'

let file: string

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'settings-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  file = join(folder, 'bot.toml')
})

/** The sentence with which the file is refused. */
function refusal(text: string, schema: typeof botSettings | typeof projectSettings = botSettings) {
  writeFileSync(file, text)
  try {
    readSettings(file, schema)
  } catch (error) {
    expect(error).toMatchObject({ code: 'bad-settings' })
    return error instanceof Error ? error.message : ''
  }
  throw new Error('It was not refused.')
}

test('a missing file means the defaults, and those serve nobody', () => {
  expect(readSettings(file, botSettings)).toMatchObject({
    name: 'Huskies',
    access: { admins: [], members: [], viewers: [] },
    notify: {
      rooms: [],
      kinds: [
        ...['new-item', 'agent', 'returned', 'blocked', 'review'],
        ...['merge-failure', 'merged', 'limit'],
      ],
    },
    aggregated_notifications_enabled: true,
    aggregated_notifications_poll_interval_secs: 5,
    coalesce_window_ms: 1500,
    coalesce_max_ms: 10_000,
    max_chat_runs: 4,
    permission_timeout_secs: 120,
    http: {},
    retention_days: 30,
  })
})

test('what the file says replaces the defaults, key by key', () => {
  writeFileSync(file, 'max_chat_runs = 2\n[access]\nadmins = ["terminal:anna"]\n')
  const settings = readSettings(file, botSettings)
  expect(settings.max_chat_runs).toBe(2)
  expect(settings.access).toEqual({ admins: ['terminal:anna'], members: [], viewers: [] })
  expect(settings.coalesce_window_ms).toBe(1500)
})

test('an unknown key is refused with the nearest known one, in tables and lists of tables too', () => {
  expect(refusal('coalesce_windw_ms = 3')).toBe(
    'bot.toml: `coalesce_windw_ms` is not a setting: did you mean `coalesce_window_ms`?',
  )
  expect(refusal('[notify]\nkind = []')).toMatch(/`notify.kind` .* did you mean `kinds`\?/)
  expect(refusal('[access]\nadmin = []')).toMatch(/`access.admin` .* did you mean `admins`\?/)
  expect(refusal('[[agent]]\nname = "coder"\nstag = "coder"', projectSettings)).toMatch(
    /`agent.0.stag` .* did you mean `stage`\?/,
  )
})

test('an account that cannot be meant is refused', () => {
  const account = (more = '') =>
    `[[account]]\nname = "work"\nruntime = "codex"\nhome = "/logins/work"\n${more}`
  const agent = '[[agent]]\nname = "coder"\nruntime = "claude-code"\naccount = "work"'
  expect(refusal(account(agent), projectSettings)).toMatch(
    /`agent.0.account` .* no \[\[account\]\] of claude-code has the name work/,
  )
  expect(refusal(account(account()), projectSettings)).toMatch(
    /`account.1.name` .* codex has another account of this name/,
  )
  expect(refusal(account().replace('/logins', 'logins'), projectSettings)).toMatch(
    /`account.0.home` .* use a whole path/,
  )
})

test('two agents of one name are refused: a run is known by that', () => {
  const agent = '[[agent]]\nname = "ann"\n'
  expect(refusal(`${agent}${agent}stage = "qa"`, projectSettings)).toMatch(
    /`agent.1.name` .* another agent has this name/,
  )
})

test('a wrong value is refused with its key', () => {
  expect(refusal('max_chat_runs = "many"')).toMatch(/`max_chat_runs`.*number/)
  expect(refusal('[access]\nadmins = ["anna"]')).toMatch(/`access.admins.0`.*"terminal:anna"/)
})

test('a project has a time zone and a time for what is done, and refuses what is neither', () => {
  expect(readSettings(file, projectSettings)).toMatchObject({
    timezone: 'UTC',
    watcher: { reconcile_interval_secs: 30, sweep_interval_secs: 60, done_retention_secs: 14_400 },
    gates: { step: [] },
  })
  writeFileSync(
    file,
    'timezone = "Asia/Kathmandu"\n[watcher]\ndone_retention_secs = 60\n[gates]\ncoverage = "cover"\n',
  )
  expect(readSettings(file, projectSettings)).toMatchObject({
    timezone: 'Asia/Kathmandu',
    watcher: { reconcile_interval_secs: 30, done_retention_secs: 60 },
    gates: { coverage: ['cover'] },
  })
  expect(refusal('timezone = "Berlin"', projectSettings)).toMatch(/`timezone`.*"Europe\/Berlin"/)
  expect(refusal('[watcher]\ndone_retention = 5', projectSettings)).toMatch(
    /did you mean `done_retention_secs`\?/,
  )
})

test('a syntax error is refused with its line', () => {
  expect(refusal('name = "Huskies"\nmax_chat_runs = = 3\n')).toMatch(/^bot.toml, line 2: /)
})
