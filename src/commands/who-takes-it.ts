import { escapeMarkdown } from '../kernel/markdown.ts'
import { nextStep } from './next-step.ts'
import type { Services } from './services.ts'

/** Who works on an item next, now that a person wants it worked on: `agent`, if one was named. */
export function whoTakesIt(
  { pipeline, agents }: Pick<Services, 'pipeline' | 'agents'>,
  id: number,
  agent?: string,
): string {
  const { stage } = pipeline.need(id)
  if (stage.kind !== 'coding' || pipeline.paused) return nextStep(pipeline, id)
  if (!agents.list().some(({ role }) => role === 'coder'))
    return 'No agent of stage coder is in project.toml: add one, and it takes this up.'
  return agent === undefined
    ? nextStep(pipeline, id)
    : `${escapeMarkdown(agent)} takes it next: follow it with \`status ${id}\`.`
}
