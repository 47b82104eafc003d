import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { Problem } from '../kernel/problem.ts'
import { findCheckout, projectPaths } from '../projects/paths.ts'
import { PersonTokens } from '../server/person-tokens.ts'

export interface TokenOptions {
  readonly list: boolean
  /** The token to be taken back. */
  readonly revoke: string | undefined
}

/**
 * `huskies token [PERSON]`: a token by which a program calls commands in somebody's name, for whoever sits
 * here if nobody is named; `--list` shows which there are, `--revoke ID` takes one back.
 */
export function token(person: string | undefined, { list, revoke }: TokenOptions): number {
  const root = findCheckout(process.cwd())
  if (root === undefined)
    throw new Problem(
      'no-project',
      'There is no huskies project here: go to the one that you mean.',
    )
  const { state } = projectPaths(root)
  if (!existsSync(state))
    throw new Problem('no-project', `Nothing was ever started in ${root}: run huskies start there.`)
  if (Object.keys(process.env).some((name) => name.startsWith('HUSKIES_RUN')))
    throw new Problem('not-allowed', 'Agents get no tokens: only people do.')
  const tokens = new PersonTokens(join(state, 'tokens.json'))
  if (list)
    for (const { id, person, madeAt } of tokens.all()) print(`${id} ${person} ${day(madeAt)}`)
  else if (revoke !== undefined)
    print(`The token of ${tokens.revoke(revoke).person} is worth nothing now.`)
  else issue(tokens, person ?? `terminal:${userInfo().username}`)
  return 0
}

function issue(tokens: PersonTokens, person: string): void {
  if (!/^[a-z]+:\S{1,200}$/.test(person))
    throw new Problem(
      'bad-arguments',
      `"${person}" is nobody's id on a network: take one from [access] in bot.toml, such as telegram:12345.`,
    )
  const { id, token } = tokens.issue(person, Date.now())
  process.stderr.write(`Token ${id} of ${person}, shown this once:\n`)
  print(token)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
