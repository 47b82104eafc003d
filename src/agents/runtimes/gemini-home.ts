import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../kernel/problem.ts'
import type { RunFile } from '../runtime.ts'

/**
 * The home of one run of Gemini CLI: the account's own, with these settings added to it. There is no
 * other way to give settings to one run, since it believes those of the whole machine only where root
 * owns them. Whatever it stores goes through links to the account's home, and so outlives the run.
 */
export function geminiHome(account: string, added: object): readonly RunFile[] {
  const own = join(account, '.gemini')
  for (const name of stored) mkdirSync(join(own, name), { recursive: true, mode: 0o700 })
  const links = readdirSync(own).filter((name) => name !== settingsFile)
  const text = JSON.stringify({ ...readSettings(join(own, settingsFile)), ...added })
  return [
    { name: join(homeFolder, '.gemini', settingsFile), content: { text } },
    ...links.map((name) => ({
      name: join(homeFolder, '.gemini', name),
      content: { link: join(own, name) },
    })),
  ]
}

/** Where that home is in the run's own folder. */
export const homeFolder = 'gemini'

const settingsFile = 'settings.json'

/** Its sessions are there. A folder that it made itself would go with the run. */
const stored = ['tmp', 'history']

function readSettings(path: string): object {
  if (!existsSync(path)) return {}
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as object
  } catch (cause) {
    throw new Problem('bad-settings', `${path} is not plain JSON: take its comments out.`, {
      cause,
    })
  }
}
