import { Problem } from './problem.ts'

const fullCodes = ['ENOSPC', 'EDQUOT', 'SQLITE_FULL']
const readOnlyCodes = ['EROFS', 'EACCES', 'EPERM', 'SQLITE_READONLY', 'SQLITE_CANTOPEN']

/**
 * Names a fault of the disk that a person can mend: `Problem` `disk-full` or `read-only`, for what
 * the file system, SQLite or git has thrown. Undefined for any other error.
 */
export function diskProblem(cause: unknown): Problem | undefined {
  if (!(cause instanceof Error)) return undefined
  const { code = '', path } = cause as Error & { code?: unknown; path?: unknown }
  if (includesCode(fullCodes, code) || /no space left on device/i.test(cause.message))
    return new Problem('disk-full', 'The disk is full: free some space, then try again.', { cause })
  if (includesCode(readOnlyCodes, code) || /read-only file system/i.test(cause.message)) {
    const what = typeof path === 'string' ? path : "The project's folder"
    const sentence = `${what} cannot be written: make it writable for this user, then try again.`
    return new Problem('read-only', sentence, { cause })
  }
  return undefined
}

/** SQLite has longer codes for what it knows more of: `SQLITE_READONLY_DBMOVED`. */
function includesCode(codes: readonly string[], code: unknown): boolean {
  return codes.some((known) => code === known || String(code).startsWith(`${known}_`))
}
