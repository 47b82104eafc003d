import { MatrixError } from 'matrix-bot-sdk'

/** Whether the server gave no answer at all. */
export function isUnanswered(error: unknown): boolean {
  return error instanceof TypeError || error instanceof DOMException
}

/** What the server says there is; undefined where it says no. Any other failure passes, and is thrown. */
export async function unlessRefused<Found>(asking: Promise<Found>): Promise<Found | undefined> {
  try {
    return await asking
  } catch (error) {
    if (isPassing(error)) throw error
    return undefined
  }
}

/** Whether the same may succeed later. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof MatrixError)) return isUnanswered(error)
  const { statusCode } = error
  return statusCode === 401 || statusCode === 429 || statusCode >= 500
}
