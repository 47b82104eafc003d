import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from './folder.ts'

const templates = join(import.meta.dirname, '../../templates')

/**
 * Writes the settings files that are missing in `<root>/.huskies`, commented, and returns their paths
 * relative to `root`: all of them or none. What a person has written there already is left as it is.
 */
export function seedSettings(root: string, facts: { readonly baseBranch: string }): string[] {
  const folder = join(root, '.huskies')
  makeFolder(folder)
  const files = {
    'project.toml': readTemplate('project.toml').replaceAll('{{base_branch}}', facts.baseBranch),
    'bot.toml': readTemplate('bot.toml'),
    '.gitignore': 'state/\n',
  }
  const missing = Object.entries(files).filter(([name]) => !existsSync(join(folder, name)))
  const part = (name: string) => join(folder, `${name}.part`)
  try {
    for (const [name, text] of missing) writeFileSync(part(name), text)
  } catch (error) {
    for (const [name] of missing) rmSync(part(name), { force: true })
    throw error
  }
  for (const [name] of missing) renameSync(part(name), join(folder, name))
  return missing.map(([name]) => join('.huskies', name))
}

function readTemplate(name: string): string {
  return readFileSync(join(templates, name), 'utf8')
}
