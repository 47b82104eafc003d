import { describeAccount } from '../agents/accounts/account-key.ts'
import type { AccountChoice, Parking } from '../agents/accounts/accounts.ts'
import { momentAt } from '../pipeline/later/local-time.ts'
import { firstLine } from '../pipeline/reason.ts'
import { sentence } from './wording.ts'

/** What the rooms are told, once, of an account that is not used any more for a while. */
export function parkingNoticeOf(
  { account, park, shared, next }: Parking,
  timezone: string,
): string {
  const name = describeAccount(account)
  const isRefused = park.kind === 'refused'
  const what = isRefused ? `is refused: ${sentence(firstLine(park.reason))}` : 'is at its limit.'
  const all = shared && next.kind === 'none' ? ' No other account of its program is left.' : ''
  const then = whatNext(next, isRefused, timezone)
  return `${name.charAt(0).toUpperCase()}${name.slice(1)} ${what}${all} ${then}`
}

function whatNext(next: AccountChoice, isRefused: boolean, timezone: string): string {
  if (next.kind === 'account') return `Work goes on with ${describeAccount(next.account)}.`
  if (next.until !== undefined) return `Work goes on at ${momentAt(next.until, timezone)}.`
  return isRefused
    ? 'Log in again or mend it, then say `resume`.'
    : 'Work goes on once one of them was tried.'
}
