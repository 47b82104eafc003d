/** The files of a tree, by path. */
export type Files = ReadonlyMap<string, string>

/** A merge of two trees that grew from one; a file that both have changed stays as `one` has it. */
export function threeWay(from: Files, one: Files, other: Files) {
  const files = new Map<string, string>()
  const conflicts: string[] = []
  for (const path of new Set([...from.keys(), ...one.keys(), ...other.keys()])) {
    const [was, ours, theirs] = [from.get(path), one.get(path), other.get(path)]
    const text = ours === was ? theirs : ours
    if (ours !== was && theirs !== was && ours !== theirs) conflicts.push(path)
    if (text !== undefined) files.set(path, text)
  }
  return { files, conflicts }
}
