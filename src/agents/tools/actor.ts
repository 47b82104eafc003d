import type { Actor } from '../../pipeline/item.ts'
import type { Run } from '../runs/run.ts'

/** Who a change is recorded under: always the authenticated run. */
export function actorOf({ id, agent }: Pick<Run, 'id' | 'agent'>): Actor {
  return { kind: 'run', id, name: agent }
}
