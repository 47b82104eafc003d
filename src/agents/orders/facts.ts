import type { Item } from '../../pipeline/item.ts'
import type { Run } from '../runs/run.ts'

/** Far below what the kernel takes for one variable, and enough for every item that people write. */
const longestFact = 32 * 1024

/** What a program can know of its run without reading the prompt. */
export interface RunFacts {
  readonly run: Run
  readonly item: Item
  readonly branch: string
  readonly baseBranch: string
  /** What the last attempt failed with. */
  readonly failure?: string
}

/** The facts as `HUSKIES_*` variables, each bounded to 32 KB. */
export function factVariables({ run, item, branch, baseBranch, failure }: RunFacts) {
  const facts: Record<string, string> = {
    HUSKIES_RUN: run.id,
    HUSKIES_AGENT: run.agent,
    HUSKIES_ROLE: run.role,
    HUSKIES_ATTEMPT: String(run.attempt),
    HUSKIES_ITEM: String(item.id),
    HUSKIES_ITEM_TYPE: item.type,
    HUSKIES_ITEM_NAME: item.name,
    HUSKIES_ITEM_BODY: item.body,
    HUSKIES_BRANCH: branch,
    HUSKIES_BASE_BRANCH: baseBranch,
    HUSKIES_FAILURE: failure ?? '',
  }
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, bounded(value)]))
}

/** A variable cannot hold a NUL, and is cut between characters. */
function bounded(value: string): string {
  const bytes = Buffer.from(value.replaceAll('\0', ''))
  if (bytes.length <= longestFact) return bytes.toString()
  return bytes
    .subarray(0, longestFact)
    .toString()
    .replace(/\uFFFD+$/, '')
}
