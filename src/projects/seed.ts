import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const templates = join(import.meta.dirname, '../../templates')

/**
 * Writes the settings files that are missing in `<root>/.huskies`, commented, and returns their paths
 * relative to `root`. What a person has written there already is left as it is.
 */
export function seedSettings(root: string, facts: { readonly baseBranch: string }): string[] {
  const folder = join(root, '.huskies')
  mkdirSync(folder, { recursive: true })
  const files = {
    'project.toml': readTemplate('project.toml').replaceAll('{{base_branch}}', facts.baseBranch),
    'bot.toml': readTemplate('bot.toml'),
    '.gitignore': 'state/\n',
  }
  const written: string[] = []
  for (const [name, text] of Object.entries(files)) {
    if (existsSync(join(folder, name))) continue
    writeFileSync(join(folder, name), text)
    written.push(join('.huskies', name))
  }
  return written
}

function readTemplate(name: string): string {
  return readFileSync(join(templates, name), 'utf8')
}
