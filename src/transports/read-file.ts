import { Problem } from '../kernel/problem.ts'

/** Larger files are left where they are. */
export const mostBytes = 50_000_000

/** The content of a file, as a network answers with it. Throws `Problem` where it is too large to be brought. */
export async function readFile({ body }: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > mostBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

export function tooLarge(): Problem {
  return new Problem('no-file', `it is larger than ${mostBytes / 1_000_000} MB`)
}
