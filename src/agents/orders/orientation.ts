import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'

/** What a project tells every agent, most general first. Paths in the worktree. */
const files = ['.huskies/README.md', '.huskies/specs/00_CONTEXT.md', '.huskies/AGENT.md'] as const

/** Rules in a longer text than this are not followed any more. */
const mostBytes = 32 * 1024

/**
 * The project's orientation files, each under its name; a missing or empty one is skipped. At most
 * 32 KB together: what is beyond is cut, and the text says so. Empty when there are none.
 */
export function readOrientation(directory: string): string {
  const sections = files.flatMap((file) => {
    const text = readStart(join(directory, file)).trim()
    return text === '' ? [] : [`# ${file}\n\n${text}`]
  })
  return cut(sections.join('\n\n'))
}

function cut(text: string): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= mostBytes) return text
  const notice = `\n\n[Cut here: the orientation files are longer than ${mostBytes / 1024} KB.]`
  const kept = bytes.subarray(0, mostBytes - Buffer.byteLength(notice)).toString()
  return kept.replace(/\uFFFD+$/, '') + notice
}

/** As much of a file as could be used, and one byte more, so that the cut is noticed. */
function readStart(path: string): string {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch {
    return ''
  }
  try {
    const bytes = Buffer.alloc(mostBytes + 1)
    return bytes.subarray(0, readSync(descriptor, bytes)).toString()
  } catch {
    // A folder of that name, or a file that this user may not read: as good as missing.
    return ''
  } finally {
    closeSync(descriptor)
  }
}
