import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { Problem } from '../kernel/problem.ts'

/** Where a secret is to be found: it never stands in the settings themselves. */
export interface SecretPlace {
  /** The settings' name of it, for instance `token` of `[telegram]`. */
  readonly name: string
  readonly table: string
  /** A file that only its owner may read; relative to `folder`. */
  readonly file: string | undefined
  /** The name of an environment variable. */
  readonly variable: string | undefined
}

/**
 * Reads a secret. Throws `Problem` `no-secret` where it is not to be found, and `open-secret` where
 * others can read its file too; no message holds the secret.
 */
export function readSecret(
  { name, table, file, variable }: SecretPlace,
  { folder, env }: { readonly folder: string; readonly env: NodeJS.ProcessEnv },
): string {
  if (file !== undefined) return fromFile(resolve(folder, file))
  const where = `[${table}] in bot.toml`
  if (variable === undefined)
    throw new Problem(
      'no-secret',
      `${where} does not say where the ${name} is: write it into a file of its own and set \`${name}_file\` to its path, or set \`${name}_env\` to the name of an environment variable.`,
    )
  const value = env[variable]?.trim()
  if (value) return value
  throw new Problem(
    'no-secret',
    `The environment variable ${variable}, which ${where} names, is not set: set it before huskies start.`,
  )
}

function fromFile(path: string): string {
  let secret: string
  try {
    // Windows has no such bits, and says that everybody may do everything.
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
      throw new Problem('open-secret', `Others can read ${path} too: run chmod 600 ${path}.`)
    secret = readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (error instanceof Problem) throw error
    throw new Problem('no-secret', `${path} cannot be read: put the secret there, alone.`, {
      cause: error,
    })
  }
  if (secret !== '') return secret
  throw new Problem('no-secret', `${path} is empty: put the secret there, alone.`)
}
