import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readSettings } from '../../src/kernel/settings.ts'
import { botFile } from '../../src/transports/networks.ts'

test('every line of the template for bot.toml is a setting, in its place, once it is no comment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'huskies-templates-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const template = readFileSync(join(import.meta.dirname, '../../templates/bot.toml'), 'utf8')
  const file = join(folder, 'bot.toml')
  writeFileSync(file, template.replaceAll(/^# (?=[a-z_]+ = |\[[a-z_]+\]$)/gm, ''))
  const settings = readSettings(file, botFile)
  expect(settings.http.port).toBe(3000)
  expect(settings.chat_agent.model).toBe('sonnet')
})
