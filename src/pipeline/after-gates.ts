import type { Item, QaMode } from './item.ts'
import type { StageEvent, Work } from './stage.ts'

/** What happens to an item in coding whose own branch the gates have passed: that is up to its QA mode. */
export function afterGreenGates(
  { qa }: Pick<Item, 'qa'>,
  { branch, ahead }: Work,
  defaultQa: QaMode,
): StageEvent[] {
  const mode = qa ?? defaultQa
  const work = { branch, ahead }
  if (mode === 'server') return [{ type: 'qa-skipped', work }]
  const passed: StageEvent = { type: 'gates-passed', work }
  if (mode === 'agent') return [passed]
  return [passed, { type: 'hold', reason: 'It waits for a person to approve or reject it.' }]
}
